"""Nothing that is said from elsewhere floods a log, and what is left out is counted."""

from __future__ import annotations

import io

import pytest

from ecr_push.base.errors import DefectError, EcrPushError, RegistryError, SettingsError
from ecr_push.base.log import PlainNarrator, Redactor
from ecr_push.base.shorten import LISTED, LONGEST_LINE, LONGEST_TEXT, MOST_LINES, shorten, shorten_lines
from ecr_push.pipeline.failure import Failure
from tests.support.fakes import FakeClock

MEGABYTE = "x" * 1_000_000


def test_a_text_of_usual_length_stays_as_it_is() -> None:
    for text in ("", "a", "x" * LONGEST_LINE, "a\nb\n", "\n" * (MOST_LINES - 1)):
        assert shorten_lines(text) == text
    assert shorten("x" * LONGEST_LINE) == "x" * LONGEST_LINE


def test_what_is_cut_is_counted() -> None:
    assert shorten(MEGABYTE) == "x" * LONGEST_LINE + "… (998,000 characters more)"
    many = [str(number) for number in range(5_000)]
    assert shorten_lines("\n".join(many)).splitlines() == [*many[:50], "… (4,900 lines more)", *many[-50:]]
    assert shorten_lines("\n".join(many[:101])).splitlines() == [*many[:50], "… (1 line more)", *many[51:101]]
    assert shorten_lines("\n".join(many[:100])) == "\n".join(many[:100])
    assert len(shorten_lines("\n".join([MEGABYTE] * 50))) < LONGEST_TEXT + 1_000


@pytest.mark.parametrize(
    "error",
    [
        RegistryError(MEGABYTE, why=MEGABYTE, remedy=MEGABYTE),
        RegistryError("a", why="\n".join([MEGABYTE] * 300)),
        SettingsError([MEGABYTE] * 10),
        DefectError(ValueError(MEGABYTE)),
    ],
)
def test_an_error_and_its_report_are_bounded(error: EcrPushError) -> None:
    failure = Failure.of(error, "run")
    assert len(failure.what) + len(failure.why) + len(failure.remedy) < 30_000
    assert len(getattr(error, "traceback", "")) < 70_000


def test_of_ten_thousand_mistakes_the_first_are_listed() -> None:
    error = SettingsError([f"line {number}: wrong" for number in range(10_000)])
    assert error.what == "the settings are wrong in 10000 places"
    lines = error.why.splitlines()
    assert lines[0] == "- line 0: wrong" and lines[-1] == f"- … ({10_000 - LISTED:,} mistakes more)"
    assert len(lines) == LISTED + 1


def test_a_log_line_is_cut_after_its_secrets_are_removed() -> None:
    stream = io.StringIO()
    narrator = PlainNarrator(stream, FakeClock(), Redactor(known=["secret"]))
    narrator.detail("y" * (LONGEST_LINE - 5) + "secret" + MEGABYTE)
    narrator.say("\n".join(map(str, range(5_000))))
    shown = stream.getvalue()
    assert "secr" not in shown and "characters more" in shown and len(shown) < 10_000
