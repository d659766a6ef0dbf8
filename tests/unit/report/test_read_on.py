"""Where the documentation goes on, for errors that end a command without a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.base.documentation import page
from ecr_push.base.errors import (
    AuthenticationError,
    BuildError,
    ConflictError,
    DefectError,
    EcrPushError,
    MachineError,
    RegistryError,
    ReportError,
    ScanError,
    SettingsError,
    SourceError,
)
from ecr_push.report.read_on import line_about

TROUBLES = page("troubleshooting.md")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (SourceError("x"), f"Read on: settings and checkout: {TROUBLES}#exit-code-2-settings-and-checkout"),
        (ConflictError("x"), f"Read on: settings and checkout: {TROUBLES}#exit-code-2-settings-and-checkout"),
        (BuildError("x"), f"Read on: builds that fail: {TROUBLES}#exit-code-3-the-build"),
        (MachineError("x"), f"Read on: builds that fail: {TROUBLES}#exit-code-3-the-build"),
        (RegistryError("x"), f"Read on: registry and AWS: {TROUBLES}#exit-code-4-registry-and-aws"),
        (AuthenticationError("x"), f"Read on: registry and AWS: {TROUBLES}#exit-code-4-registry-and-aws"),
        (ScanError("x"), f"Read on: scans without an answer: {TROUBLES}#exit-code-5-the-scan"),
        (DefectError(KeyError("x")), f"Read on: internal errors: {TROUBLES}#exit-code-1-internal-error"),
        (SettingsError(["--region: x"]), ""),
        (
            SettingsError([], what="no AWS region is known"),
            f"Read on: settings and checkout: {TROUBLES}#exit-code-2-settings-and-checkout",
        ),
        (ReportError("x"), ""),
    ],
)
def test_the_page_is_that_of_the_exit_code(error: EcrPushError, line: str) -> None:
    assert line_about(error) == line
    if line:
        name, _, section = line.rpartition("/")[2].partition("#")
        titles = (Path(__file__).parents[3] / "docs" / name).read_text().splitlines()
        slugs = [
            one.lstrip("# ").lower().replace(":", "").replace(" ", "-") for one in titles if one[:1] == "#"
        ]
        assert section in slugs
