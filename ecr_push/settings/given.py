"""An option's value as a source gives it, with the place that the user knows it by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import QUOTE_IT
from ecr_push.settings import declare as declared
from ecr_push.settings.values import read_value


@dataclass(frozen=True, repr=False)
class Given:
    """An option's value as a source gives it, which may be a secret. origin is what the user calls the place.

    mistakes: what is wrong with it; the value means nothing then.
    """

    value: Any
    origin: str
    mistakes: Sequence[str] = ()


def read_given(setting: Field[Any], value: Any, origin: str, *, by_yaml: bool = False) -> Given:
    """The option's value of what a source holds.

    by_yaml: a CI's YAML may have made a number of the text. ecr-push.yml is read as it is written.
    """
    read, mistakes = read_value(declared.option_types()[setting.name], value)
    if not by_yaml:
        mistakes = [one.partition(QUOTE_IT)[0] for one in mistakes]
    return Given(read, origin, mistakes)
