"""The exceptions that a report offers: pasted into a policy, they make it accept the image, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.severity import Severity
from ecr_push.policy.judge import judge
from ecr_push.policy.load import load_policy
from ecr_push.policy.model import Policy
from ecr_push.policy.options import PolicyOptions
from ecr_push.report.new_exceptions import exceptions_yaml, scalar
from ecr_push.scan.findings import Finding, Package, ScanReport
from tests.support.outcomes import CERTIFI, OPENSSL, OPENSSL_TOO, PYYAML, ZLIB, scan

TODAY = date(2026, 1, 2)
REST = "r.html has all of them"
UNNAMED = Finding("CVE-2026-1", Severity.HIGH)
SEVERAL = Finding(
    "CVE-2026-2",
    Severity.HIGH,
    "libssl3, openssl",
    packages=(Package("libssl3", "3", "4"), Package("openssl", "3", "4")),
)


def test_an_entry_has_all_that_a_strict_policy_asks_for() -> None:
    assert exceptions_yaml([CERTIFI], TODAY, 9, REST) == (
        "exceptions:\n"
        "  # certifi: an update fixes it\n"
        "  - vulnerability: CVE-2023-37920\n"
        "    package: certifi\n"
        "    reason: WHY-IT-IS-ACCEPTABLE\n"
        "    owner: WHO-DECIDES\n"
        "    until: 2026-02-01\n"
    )
    assert "    until: YEAR-MONTH-DAY\n" in exceptions_yaml([CERTIFI], None, 9, REST)
    assert exceptions_yaml([], TODAY, 9, REST) == ""


def test_those_of_a_package_stand_together_and_the_rest_is_counted() -> None:
    found = [OPENSSL, CERTIFI, OPENSSL_TOO, ZLIB]
    text = exceptions_yaml(found, TODAY, 9, REST)
    assert [one["vulnerability"] for one in yaml.safe_load(text)["exceptions"]] == [
        "CVE-2026-0001", "CVE-2026-0002", "CVE-2023-37920", "CVE-2026-0003",
    ]  # fmt: skip
    assert [line.strip() for line in text.splitlines() if "#" in line] == [
        "# openssl: an update fixes it",
        "# certifi: an update fixes it",
        "# zlib: the scan names no fixed version of it",
    ]
    assert exceptions_yaml(found, TODAY, 2, REST).endswith(f"  # … and 2 more: {REST}\n")


@pytest.mark.parametrize(
    "found",
    [[CERTIFI], [OPENSSL, OPENSSL_TOO, PYYAML, ZLIB], [UNNAMED], [SEVERAL]],
    ids=lambda found: found[0].id,
)
def test_a_policy_with_them_accepts_the_image(found: list[Finding], tmp_path: Path) -> None:
    path = tmp_path / "policy.yml"
    suggested = "strict-exceptions: true\n" + exceptions_yaml(found, TODAY, 9, REST)

    def load(text: str) -> Policy:
        path.write_text(text, encoding="utf-8")
        return load_policy(PolicyOptions(policy=str(path)), lambda url, limit: b"", Fences.of(str(tmp_path)))

    with pytest.raises(SettingsError, match="has no reason"):
        load(suggested)
    policy = load(suggested.replace("WHY-IT-IS-ACCEPTABLE", "not called").replace("WHO-DECIDES", "kim"))
    other = replace(CERTIFI, id="CVE-2026-9", package="other", packages=())
    for findings, accepted in ((found, True), ([*found, other], False)):
        report = ScanReport("enhanced", (scan(*findings),))
        assert judge(report, policy, today=TODAY).accepted is accepted
    later = judge(ScanReport("enhanced", (scan(*found),)), policy, today=date(2026, 2, 2))
    assert not later.accepted, "it has an end"


@given(st.text(min_size=1))
def test_every_text_is_read_back_as_it_is(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    line = scalar(text)
    assert "\n" not in line and line.isprintable()
    assert yaml.safe_load(f"a: {line}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("CVE-2024-1", "CVE-2024-1"),
        ("@angular/core", "'@angular/core'"),
        ("libstdc++6", "libstdc++6"),
        ("no", "'no'"),
        ("1.2", "'1.2'"),
        ("it's", "'it''s'"),
        ("a: b # c", "'a: b # c'"),
        ("a\nb", '"a\\u000ab"'),
    ],
)
def test_what_is_quoted(text: str, line: str) -> None:
    assert scalar(text) == line
