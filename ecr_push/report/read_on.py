"""Where the documentation goes on about what ended a command. Pure."""

from __future__ import annotations

from ecr_push.base.documentation import page
from ecr_push.base.errors import EcrPushError, ReportError, SettingsError

OF_EXIT_CODES = {
    1: ("internal errors", "troubleshooting.md#exit-code-1-internal-error"),
    2: ("settings and checkout", "troubleshooting.md#exit-code-2-settings-and-checkout"),
    3: ("builds that fail", "troubleshooting.md#exit-code-3-the-build"),
    4: ("registry and AWS", "troubleshooting.md#exit-code-4-registry-and-aws"),
    5: ("scans without an answer", "troubleshooting.md#exit-code-5-the-scan"),
    11: ("tests of the image", "troubleshooting.md#exit-code-11-a-test-of-the-image-failed"),
    12: ("what verify requires", "verify.md"),
}


def line(title: str, address: str) -> str:
    return f"Read on: {title}: {address}"


def line_about(error: EcrPushError) -> str:
    """For an error that no report is written about; "" where its message says all: mistakes in options are
    named with what is expected, and a report that could not be written with its file."""
    found = OF_EXIT_CODES.get(error.exit_code)
    says_all = isinstance(error, ReportError) or (isinstance(error, SettingsError) and not error.is_named)
    if found is None or says_all:
        return ""
    title, name = found
    return line(title, page(name))
