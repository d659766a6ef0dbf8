"""The settings that a registry has, kind by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from ecr_push.base import background
from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.upkeep.registry.model import Items, Section
from ecr_push.upkeep.registry.sections import SECTIONS


def read_sections(
    registry: PrivateRegistry, sections: Sequence[Section] = SECTIONS
) -> tuple[Mapping[str, Items], Mapping[str, RegistryError]]:
    """By the section's key: what there is, and why it could not be read. Side by side."""
    asked = {one.key: background.start(partial(one.read, registry), f"read {one.key}") for one in sections}
    found: dict[str, Items] = {}
    errors: dict[str, RegistryError] = {}
    for key, answer in asked.items():
        try:
            found[key] = answer.result()
        except RegistryError as error:
            errors[key] = error
    return found, errors


def unread(errors: Mapping[str, RegistryError], number: int) -> RegistryError:
    """The error for those of a number of kinds that could not be read."""
    refused = all(isinstance(one, AuthenticationError) for one in errors.values())
    return (AuthenticationError if refused else RegistryError)(
        f"{len(errors)} of {number} kinds of settings could not be read",
        why="\n".join(
            f"- {': '.join(filter(None, (key, error.what, error.why)))}" for key, error in errors.items()
        ),
        remedy="; ".join(dict.fromkeys(one.remedy for one in errors.values() if one.remedy)),
    )
