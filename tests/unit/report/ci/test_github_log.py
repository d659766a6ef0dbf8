"""Workflow commands: what the runner reads of them, and what it must not take for one."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.log import QuietNarrator, Redactor
from ecr_push.report.ci.github_log import ANNOTATIONS, GithubNarrator, annotation, command, mask
from tests.support.fakes import FakeClock
from tests.support.github_runner import read_command


@given(st.text(), st.text(min_size=1))
def test_a_command_is_one_line_and_is_read_as_it_was_meant(text: str, title: str) -> None:
    line = command("error", text, title=title)
    assert line.count("\n") == 1 and line.endswith("\n") and "\r" not in line
    if "##[" not in line:
        assert read_command(line[:-1]) == ("error", {"title": title}, text)


@given(st.text())
def test_an_annotation_is_one_command(text: str) -> None:
    line = annotation("warning", text, title=text, file=text)
    assert line.count("\n") == 1
    command = read_command(line[:-1])
    assert command and command[0] == "warning"


def test_an_annotation_has_an_end() -> None:
    assert len(annotation("error", "x" * 100_000)) < 5_000


def test_each_line_of_a_secret_is_masked() -> None:
    assert mask("one%\ntwo\n\n") == "::add-mask::one%25\n::add-mask::two\n"
    assert mask("") == ""  # an empty mask would hide everything


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def narrator(stream: io.StringIO) -> GithubNarrator:
    return GithubNarrator(stream, FakeClock(), Redactor())


def test_each_phase_is_a_group_and_an_empty_one_is_none(
    narrator: GithubNarrator, stream: io.StringIO
) -> None:
    narrator.phase("source")
    narrator.say("commit 1234")
    narrator.phase("registry")
    narrator.phase("build")
    narrator.say("docker buildx build")
    narrator.detail("#1 done")
    narrator.close()
    narrator.close()
    assert stream.getvalue().splitlines() == [
        "::group::source",
        "03:04:05Z commit 1234",
        "::endgroup::",
        "::group::build",
        "03:04:05Z docker buildx build",
        "03:04:05Z   #1 done",
        "::endgroup::",
    ]


def test_the_first_warnings_are_annotations_and_each_is_one_once(
    narrator: GithubNarrator, stream: io.StringIO
) -> None:
    narrator.phase("judge")
    for number in [*range(ANNOTATIONS + 3), 0]:
        narrator.warn(f"number {number}")
    lines = stream.getvalue().splitlines()
    annotated = [line for line in lines if line.startswith("::warning")]
    assert annotated[0] == "::warning title=ecr-push%3A judge::number 0"
    assert len(annotated) == ANNOTATIONS
    assert [line for line in lines if "warning: number" in line] == [
        f"03:04:05Z warning: number {number}" for number in (10, 11, 12, 0)
    ]


def test_quiet_shows_warnings_alone(stream: io.StringIO, narrator: GithubNarrator) -> None:
    quiet = QuietNarrator(narrator)
    quiet.phase("build")
    quiet.say("docker buildx build")
    quiet.warn("changes that are not committed")
    quiet.close()
    [line] = stream.getvalue().splitlines()
    assert read_command(line) == ("warning", {"title": "ecr-push: build"}, "changes that are not committed")


OURS = {"group", "endgroup", "warning"}


@given(st.lists(st.text(alphabet=st.sampled_from(":#[]abc \n\r\t%\x1b\u2028")), max_size=5))
def test_no_text_from_outside_is_obeyed(texts: list[str]) -> None:
    stream = io.StringIO()
    narrator = GithubNarrator(stream, FakeClock(), Redactor())
    narrator.phase("build")
    for text in texts:
        narrator.say(text)
        narrator.detail(text)
        narrator.warn(text)
    narrator.close()
    obeyed = [found[0] for line in stream.getvalue().split("\n") if (found := read_command(line))]
    assert set(obeyed) <= OURS
    assert obeyed.count("group") == obeyed.count("endgroup") <= 1


def test_a_secret_is_masked_before_anything_can_print_it(stream: io.StringIO) -> None:
    def announce(secret: str) -> None:
        stream.write(mask(secret))

    redactor = Redactor(announce)
    narrator = GithubNarrator(stream, FakeClock(), redactor)
    redactor.add("s3cret")
    redactor.add("s3cret")
    narrator.say("it is s3cret")
    narrator.warn("it is s3cret")
    assert stream.getvalue().count("s3cret") == stream.getvalue().count("::add-mask::s3cret\n") == 1
