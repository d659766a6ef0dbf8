"""A look that ends with an error keeps what it had found."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.base.errors import RegistryError
from ecr_push.pipeline.doctor.examine import _once, _taken
from ecr_push.pipeline.doctor.symptom import Symptom

FINE = Symptom("engine", "ok", "a socket")


def test_an_error_hides_nothing_that_was_found_before() -> None:
    def look() -> Iterator[Symptom]:
        yield FINE
        raise RegistryError("no answer", why="the cable", remedy="plug it in")

    error = Symptom("engine", "error", "no answer: the cable", "plug it in", RegistryError.exit_code)
    assert _taken("engine", look) == [FINE, error]


def test_the_same_error_is_said_once() -> None:
    first, second = (Symptom(area, "error", "no answer", "", 4) for area in ("network", "login"))
    assert list(_once([first, FINE, second, FINE])) == [first, FINE, FINE]
