"""The options for tests of the image that was pushed, and is not released yet."""

from __future__ import annotations

import shlex
from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import PLANNING, WHAT_IS_ACCEPTED, Duration, Parsed, option


def _command(text: str) -> str:
    if not text.strip():
        raise ValueError("the command is empty: expected what a shell runs, such as ./smoke-test.sh")
    return text.strip()


def _words(text: str) -> str:
    try:
        shlex.split(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a valid command: {error}") from error
    return _command(text)


ShellCommand = Annotated[str, Parsed(_command)]
Words = Annotated[str, Parsed(_words)]


@dataclass(frozen=True, eq=False, repr=False)
class ImageTestOptions:
    """What is run to test the image. The caller says it: a fork could leave a test out, or run its own."""

    tests_in_image: tuple[Words, ...] = option(
        (),
        WHAT_IS_ACCEPTED,
        PLANNING,
        "Run this command in the pushed image before that is released, in a container of its own: an exit "
        "code other than 0 refuses the image; may be repeated.",
        metavar="COMMAND",
        key="test-in-image",
        separator="\n",
        by_caller=True,
    )
    tests: tuple[ShellCommand, ...] = option(
        (),
        WHAT_IS_ACCEPTED,
        PLANNING,
        "Run this shell command on this machine before the pushed image is released, with CANDIDATE_IMAGE in "
        "its environment: an exit code other than 0 refuses the image; may be repeated.",
        metavar="COMMAND",
        key="test",
        separator="\n",
        by_caller=True,
    )
    test_timeout: Duration = option(
        900.0,
        WHAT_IS_ACCEPTED,
        PLANNING,
        "How long one test may take. It is ended then, and counts as failed.",
        metavar="DURATION",
        default_text="15m",
        by_caller=True,
    )
