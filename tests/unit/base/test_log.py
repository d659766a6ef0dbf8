from __future__ import annotations

import io

import pytest

from ecr_push.base.log import LiveNarrator, OnceNarrator, PlainNarrator, QuietNarrator, Redactor, visible
from tests.support.fakes import FakeClock, FakeNarrator


def narrate() -> tuple[PlainNarrator, io.StringIO, Redactor]:
    stream, redactor = io.StringIO(), Redactor()
    return PlainNarrator(stream, FakeClock(), redactor), stream, redactor


def test_a_line_has_its_time_and_its_phase() -> None:
    narrator, stream, _ = narrate()
    narrator.phase("build")
    narrator.say("one\ntwo")
    narrator.warn("three")
    assert stream.getvalue().splitlines() == [
        "03:04:05Z build    one",
        "03:04:05Z build    two",
        "03:04:05Z build    warning: three",
    ]


def test_a_secret_is_taken_out_wherever_it_stands() -> None:
    narrator, stream, redactor = narrate()
    redactor.add("hunter2")
    redactor.add("")
    narrator.detail("password=hunter2;")
    assert "hunter2" not in stream.getvalue()
    assert "password=[redacted];" in stream.getvalue()


def test_text_from_outside_cannot_control_the_terminal() -> None:
    assert visible("a\x1b31mred\x07\u202e\tb") == "a\ufffd31mred\ufffd\ufffd b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;33mwarning\x1b[0m: x", "warning: x"),
        ("\x1b[38:5:196mred\x1b[m\x1b[K", "red"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x07", "link"),
        ("#\x1b[0m#[error]x", "# #[error]x"),  # it makes no command
        ("\x1b[", "\ufffd["),
    ],
)
def test_colours_are_left_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_quiet_lets_warnings_through_alone() -> None:
    narrator, stream, _ = narrate()
    quiet = QuietNarrator(narrator)
    quiet.phase("scan")
    quiet.say("a")
    quiet.detail("b")
    quiet.warn("c")
    assert stream.getvalue() == "03:04:05Z scan     warning: c\n"


def test_work_that_begins_again_warns_of_nothing_once_more() -> None:
    narrator = FakeNarrator()
    once = OnceNarrator(narrator)
    for text in ("throttled", "throttled", "no secret"):
        once.warn(text)
    once.begin_again()
    for text in ("no secret", "throttled", "a later one", "a later one"):
        once.warn(text)
        once.say(text)
    assert narrator.warned == ["throttled", "throttled", "no secret", "a later one", "a later one"]
    assert len(narrator.said) == 4


def test_a_terminal_shows_one_line_of_a_command_and_all_of_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    stream, long = io.StringIO(), "docker buildx build " + "--label=… " * 20
    narrator = LiveNarrator(stream, FakeClock(), Redactor())
    narrator.phase("build")
    narrator.command(long)
    narrator.say(f"fact {long}")
    narrator.close()
    command, fact = stream.getvalue().splitlines()
    assert command.startswith("build    docker buildx build --label=…") and command.endswith("…")
    assert len(command) == 60
    assert fact == f"build    fact {long}"


def test_a_log_has_all_of_a_command() -> None:
    stream, long = io.StringIO(), "docker buildx build " + "--label=… " * 20
    PlainNarrator(stream, FakeClock(), Redactor()).command(long)
    assert stream.getvalue().endswith(f" {long}\n")
