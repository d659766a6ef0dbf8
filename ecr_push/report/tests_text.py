"""Tests of an image, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.pipeline.image_test import ImageTestResult

_LONGEST_OUTPUT = 10_000  # characters
_UNFINISHED = {"pending": "not started", "ended": "the run was over before it"}


def summary(one: ImageTestResult) -> str:
    """Returns `failed: ./smoke-test.sh, exit code 1, after 2.0 s`."""
    if one.ending in _UNFINISHED:
        return f"{_UNFINISHED[one.ending]}: {one.test}"
    why = f", {one.why}" if one.why else ""
    return f"{one.ending}: {one.test}{why}, after {one.seconds:.1f} s"


def counted(failed: Sequence[ImageTestResult], tests: Sequence[ImageTestResult]) -> str:
    """Returns `1 of 3 tests of the image failed`."""
    plural = "test" if len(tests) == 1 else "tests"
    return f"{len(failed)} of {len(tests)} {plural} of the image failed"


def last_lines(one: ImageTestResult) -> str:
    """Returns the end of the output: its last lines name the error."""
    return "\n".join(one.output)[-_LONGEST_OUTPUT:]
