"""A test of the image that was pushed: a command, and what became of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Tag
from ecr_push.registry.image import PushedImage
from ecr_push.settings.image_test_options import ImageTestOptions

# `ended`: the run was over before the test was. `pending`: it was not started.
TestEnding = Literal["passed", "failed", "ended", "pending"]

# What the command leaves in the background is ended with it: it would hold the output open, and the run would
# wait for it. The shell leads a group of its own (`base.process`), which the kill is for.
_SHELL = 'sh -c "$1"; code=$?; trap "" TERM; kill -s TERM -- "-$$"; exit "$code"'

_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")


@dataclass(frozen=True)
class ImageTest:
    """command: of a shell on this machine, or the words after `docker run --rm IMAGE`, or podman's."""

    command: str
    in_image: bool = False

    def __str__(self) -> str:
        return f"in the image: {self.command}" if self.in_image else self.command


@dataclass(frozen=True)
class ImageTestResult:
    """exit_code is None where the command gave none.

    why:     why it did not pass, in words.
    seconds: how long it took.
    output:  the last lines of both streams.
    """

    test: ImageTest
    ending: TestEnding = "pending"
    exit_code: int | None = None
    why: str = ""
    seconds: float = 0.0
    output: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        return self.ending == "failed"


def pending_tests(options: ImageTestOptions) -> tuple[ImageTestResult, ...]:
    """The tests that the options ask for, in the order in which they run."""
    asked = (
        *(ImageTest(command, in_image=True) for command in options.tests_in_image),
        *map(ImageTest, options.tests),
    )
    return tuple(map(ImageTestResult, asked))


def argv_of(test: ImageTest, pushed: PushedImage, container: str, program: str = "docker") -> tuple[str, ...]:
    """What runs the test. container: the name by which it can be removed. program: what runs an image."""
    if not test.in_image:
        return "sh", "-c", _SHELL, "sh", test.command
    is_plain = program == "podman" and pushed.repository.registry.kind == "local"
    how = ("--tls-verify=false",) if is_plain else ()
    return program, "run", "--rm", *how, "--name", container, pushed.reference, *shlex.split(test.command)


def environ_of(
    test: ImageTest, docker: Mapping[str, str], pushed: PushedImage, tag: Tag | None
) -> dict[str, str]:
    """The environment of a test: docker's, with the run's login and without the settings of the run.

    A command gets the image too, and of AWS's variables the region alone: what is tested is not released
    yet, and the credentials can move its tags. In the image docker alone gets the environment.
    """
    if test.in_image:
        return dict(docker)
    kept = {name: value for name, value in docker.items() if not name.startswith("AWS_") or name in _REGION}
    return {
        **kept,
        "CANDIDATE_IMAGE": pushed.reference,
        "CANDIDATE_REPOSITORY": pushed.repository.uri,
        "CANDIDATE_DIGEST": pushed.digest.value,
        "CANDIDATE_TAG": tag.name if tag else "",
    }


def tag_to_test(pushed: PushedImage, candidate: Tag, points_to: Mapping[Tag, object]) -> Tag | None:
    """A tag of the image: the candidate's, or one that an earlier run gave to the image that is reused."""
    if not pushed.reused:
        return candidate
    return next((tag for tag, digest in points_to.items() if digest == pushed.digest), None)


def failed_tests(results: Sequence[ImageTestResult]) -> tuple[ImageTestResult, ...]:
    return tuple(one for one in results if one.failed)
