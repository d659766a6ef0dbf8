"""Several errors of questions that were asked side by side -> one, which a user corrects all at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecr_push.base.errors import EcrPushError, SettingsError, as_one
from ecr_push.base.shorten import shorten_lines


class Refusals:
    """The errors of several questions, in their order: the first one decides on the exit code."""

    def __init__(self) -> None:
        self._errors: list[EcrPushError] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keeps the error of what is asked within, once: one answer may be asked for in several places."""
        try:
            yield
        except EcrPushError as error:
            if not any(error is one or _cause(error) == _cause(one) for one in self._errors):
                self._errors.append(error)

    def __bool__(self) -> bool:
        return bool(self._errors)

    def end(self) -> None:
        """Raises the first error, whose reason names the others; nothing where there are none.

        Wrong settings are one list.
        """
        if not self._errors:
            return
        wrong = [one for one in self._errors if isinstance(one, SettingsError)]
        if len(wrong) == len(self._errors) > 1:
            raise as_one(wrong)
        first, *others = self._errors
        more = (f"besides, {_on_one_line(one)}" for one in others)
        first.why = shorten_lines("\n".join(filter(None, (first.why, *more))))
        raise first


def _cause(error: EcrPushError) -> object:
    """Says which errors are one: what failed differs with each question that meets the same cause."""
    return error.why or (type(error), error.what)


def _on_one_line(error: EcrPushError) -> str:
    remedy = f" ({error.remedy})" if error.remedy else ""
    return " ".join(f"{error.what}: {error.why}".strip(": ").split()) + remedy
