"""Settings for tests, by the names of the options whatever room they are in."""

from __future__ import annotations

from typing import Any

from ecr_push.settings.declare import Settings, settings_of


def settings(**values: Any) -> Settings:
    """Settings with those values; the others have their defaults."""
    return settings_of(values)
