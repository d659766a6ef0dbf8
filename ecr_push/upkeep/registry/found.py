"""The settings that a registry has, all kinds of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ecr_push.base import background
from ecr_push.base.errors import RegistryError
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.upkeep.registry.model import Items
from ecr_push.upkeep.registry.sections import SECTIONS


def read_all(registry: PrivateRegistry) -> tuple[Mapping[str, Items], Mapping[str, RegistryError]]:
    """By the section's key: what there is, and why it could not be read."""
    asked = {one.key: background.start(partial(one.read, registry), f"read {one.key}") for one in SECTIONS}
    found: dict[str, Items] = {}
    errors: dict[str, RegistryError] = {}
    for key, answer in asked.items():
        try:
            found[key] = answer.result()
        except RegistryError as error:
            errors[key] = error
    return found, errors
