"""What does not go together with tests of an image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def tests_of_an_image(
    call: str, tests: Sequence[str], tests_in_image: Sequence[str]
) -> Iterable[tuple[str, str]]:
    """See `checks`."""
    if call == "check":
        for name, given in (("tests", tests), ("tests_in_image", tests_in_image)):
            if given:
                yield name, "has no effect with --call check, which builds nothing"
