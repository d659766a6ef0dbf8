"""Options that have no effect where nothing is pushed: they say what becomes of an image in the registry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from ecr_push.builder.attestation_options import AttestationOptions
from ecr_push.builder.cache_options import CacheOptions
from ecr_push.policy.options import PolicyOptions
from ecr_push.registry.options import RegistryOptions
from ecr_push.release.options import ReleaseOptions
from ecr_push.scan.options import ScanOptions
from ecr_push.settings.declare import flag, options
from ecr_push.settings.image_test_options import ImageTestOptions
from ecr_push.settings.trust import OF_A_BUILD

_OF_THE_REGISTRY = (RegistryOptions, ReleaseOptions, PolicyOptions, ScanOptions, ImageTestOptions)
_NAMES = "repository"  # it names the image on this machine, too


def unused_without_push(given: Iterable[str]) -> tuple[str, ...]:
    """Those of the given options that have no effect on a build that is not pushed, as flags."""
    unused = {one.name for room in _OF_THE_REGISTRY for one in fields(room)} - {_NAMES}
    return _flags(unused & set(given))


def unused_by_build_checks(given: Iterable[str]) -> tuple[str, ...]:
    """Those that have no effect where the Dockerfile is only checked, as flags."""
    of_a_build = {one.name for room in (CacheOptions, AttestationOptions) for one in fields(room)}
    unused = {*OF_A_BUILD, *of_a_build, "cache_from", "no_cache", "no_cache_filter", "pull", "compression"}
    return (*_flags(unused & set(given)), *unused_without_push(given))


def _flags(names: Iterable[str]) -> tuple[str, ...]:
    found = set(names)
    return tuple(flag(one) for one in options() if one.name in found)
