"""Checks values from YAML, and collects every problem with its place."""

from __future__ import annotations

from typing import Any

from ecr_push.base.suggest import did_you_mean


class Checker:
    """Each method returns the value if it is valid; else it notes a problem and returns an empty value.

    whole: the name of the document in a problem without a place, such as `the scenario`.
    """

    def __init__(self, whole: str) -> None:
        self._whole = whole
        self.problems: list[str] = []

    def problem(self, where: str, what: str) -> None:
        self.problems.append(f"{where or self._whole} {what}")

    def mapping(self, where: str, value: Any, names: tuple[str, ...]) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.problem(where, f"is {value!r}: expected a mapping of {', '.join(names)}")
            return {}
        for name in value:
            if name not in names:
                self.problem(where, f"has an unknown key {name!r}{did_you_mean(str(name), names)}")
        return value

    def items(self, where: str, value: Any) -> list[Any]:
        if value is None or isinstance(value, list):
            return value or []
        self.problem(where, f"is {value!r}: expected a list")
        return []

    def seconds(self, where: str, value: Any) -> float | None:
        if value is None:
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf"):
            return float(value)
        self.problem(where, f"is {value!r}: expected seconds, 0 or more")
        return None

    def shares(self, where: str, value: Any) -> dict[str, float]:
        """Numbers from 0 to 1 by name."""
        if value is None:
            return {}
        if isinstance(value, dict) and all(
            isinstance(one, (int, float)) and not isinstance(one, bool) and 0 <= one <= 1
            for one in value.values()
        ):
            return {str(name): float(one) for name, one in value.items()}
        self.problem(where, f"is {value!r}: expected numbers from 0 to 1 by name")
        return {}

    def count(self, where: str, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.problem(where, f"is {value!r}: expected a number of requests")
        return 0

    def http_status(self, where: str, value: Any) -> int | None:
        if value is None or (isinstance(value, int) and 400 <= value <= 599):
            return value
        self.problem(where, f"is {value!r}: expected an HTTP error, 400 to 599")
        return None

    def text(self, where: str, value: Any) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        self.problem(where, f"is {value!r}: expected text")
        return ""

    def choice(self, where: str, value: Any, names: tuple[Any, ...]) -> Any:
        if value in names:
            return value
        known = ", ".join(name for name in names if name)
        self.problem(where, f"is {value!r}: expected one of {known}{did_you_mean(str(value), names)}")
        return None


def written_size(value: Any, known: dict[int, int]) -> int:
    """The number of values in a document that is written out. An alias is its anchor's object: counted each
    time, looked at once. Raises RecursionError for one that contains itself."""
    if not isinstance(value, (dict, list)):
        return 1
    if id(value) not in known:
        inner = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(written_size(one, known) for one in inner)
    return known[id(value)]
