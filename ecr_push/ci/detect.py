"""Which CI runs us, and what it says: environ -> CiFacts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.errors import SettingsError
from ecr_push.base.fences import Fences
from ecr_push.ci.bitbucket import BITBUCKET
from ecr_push.ci.codebuild import CODEBUILD
from ecr_push.ci.facts import NO_CI, CiFacts, CiProvider, Environ, MetadataActionCompat, ReadText
from ecr_push.ci.facts_text import is_commit
from ecr_push.ci.github import GITHUB
from ecr_push.ci.gitlab import GITLAB
from ecr_push.ci.jenkins import JENKINS

# The first that detects itself is it. A GitHub runner that CodeBuild hosts carries both markers.
PROVIDERS: tuple[CiProvider, ...] = (
    GITHUB,
    JENKINS,
    CODEBUILD,
    GITLAB,
    BITBUCKET,
    NO_CI,
)
_LARGEST = 64 * 1024 * 1024  # bytes; GitHub sends no event above 25 MB
_SHORTEST_SHA = 4  # git's own shortest --abbrev


def read_file(path: str) -> str:
    return read_bytes(Path(path), _LARGEST, Fences.of("."), streams=True).decode("utf-8")


def read_facts(environ: Environ, read_text: ReadText = read_file) -> CiFacts:
    """What the environment says about the run.

    read_text is asked for files that a CI's variables name; one that cannot be read leaves fields empty.
    Raises SettingsError for a DOCKER_METADATA_SHORT_SHA_LENGTH that is not a valid number.
    """
    provider = next(one for one in PROVIDERS if one.detect(environ))
    facts = provider.read(environ, read_text)
    ref = facts.ci_ref
    # A file or a variable can say anything, and a tag is made of it: what is not a commit is not known.
    ref = replace(ref, commit=_commit(ref.commit), run_commit=_commit(ref.run_commit))
    return replace(facts, ci_ref=ref, provider=provider, compat=_read_compat(environ))


def _commit(text: str) -> str:
    return text if is_commit(text) else ""


def _read_compat(environ: Environ) -> MetadataActionCompat:
    """https://github.com/docker/metadata-action#environment-variables"""
    length = environ.get("DOCKER_METADATA_SHORT_SHA_LENGTH", "") or "7"
    if not (length.isascii() and length.isdigit() and int(length) >= _SHORTEST_SHA):
        raise SettingsError(
            [f"DOCKER_METADATA_SHORT_SHA_LENGTH: {length!r}: expected a number, {_SHORTEST_SHA} or more"]
        )
    head_is_meant = "true" in environ.get("DOCKER_METADATA_PR_HEAD_SHA", "").lower()
    return MetadataActionCompat(int(length), head_is_meant)
