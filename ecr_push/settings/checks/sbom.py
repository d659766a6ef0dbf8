"""Which SBOM can never be attached."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def sboms_of_an_image(
    attest_sbom: tuple[str, ...], tests: tuple[str, ...], tests_in_image: tuple[str, ...]
) -> Iterable[tuple[str, str]]:
    """See `checks`. A test of the image may write one."""
    for file in attest_sbom if not tests and not tests_in_image else ():
        if not Path(file).exists():
            yield "attest_sbom", f"{file}: there is no such file, and no --test that could write it"
