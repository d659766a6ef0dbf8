"""Findings -> the exceptions of a policy that would accept them, as YAML to paste. Pure.

Each names one vulnerability in one package, and ends soon: what it accepts is a decision of a person, whose
reason and name it has room for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from ecr_push.base.regex import lazy_regex
from ecr_push.policy.model import OWNER_TO_WRITE, REASON_TO_WRITE
from ecr_push.report.escape import one_line
from ecr_push.report.updates import packages_to_update
from ecr_push.scan.findings import Finding, Package

DAYS = 30  # that an exception lasts, unless its author decides otherwise
# What YAML 1.2 reads as the text that it is; numbers, dates and words such as `no` are quoted.
_PLAIN = lazy_regex(r"(?!(?:true|false|yes|no|on|off|null|y|n)\Z)[A-Za-z][A-Za-z0-9._/+-]*", re.IGNORECASE)


def exceptions_yaml(findings: Sequence[Finding], today: date | None, shown: int, rest: str) -> str:
    """Returns the block `exceptions:` with an entry for each vulnerability of a package; "" without findings.

    today: of the run; None leaves the end to the author. shown: how many entries at the most. rest: what a
    last comment says of those that are left out, after their number.
    """
    groups = _by_package(findings)
    entries = [(comment, entry) for comment, entry in _entries(groups, today)]
    if not entries:
        return ""
    lines, comment = ["exceptions:"], ""
    for about, entry in entries[:shown]:
        if about and about != comment:
            lines.append(f"  # {about}")
        comment = about
        lines += entry
    if left := len(entries) - shown if len(entries) > shown else 0:
        lines.append(f"  # … and {left} more: {rest}")
    return "\n".join(lines) + "\n"


def _by_package(findings: Sequence[Finding]) -> dict[str, dict[tuple[str, str], Package]]:
    """By the package's name, each vulnerability once, in the order of the findings."""
    found: dict[str, dict[tuple[str, str], Package]] = {}
    for finding in findings:
        for package in packages_to_update(finding) or (Package(""),):
            of = found.setdefault(package.name, {})
            of.setdefault((finding.id, package.name), package)
    return found


def _entries(
    groups: dict[str, dict[tuple[str, str], Package]], today: date | None
) -> Iterable[tuple[str, list[str]]]:
    until = (today + timedelta(days=DAYS)).isoformat() if today else "YEAR-MONTH-DAY"
    for name, group in groups.items():
        fixes = {package.fixed_in for package in group.values()}
        fix = "an update fixes it" if all(fixes) else "the scan names no fixed version of it"
        about = f"{one_line(name, 100)}: {fix}" if name else ""
        for identifier, _ in group:
            entry = [f"  - vulnerability: {scalar(identifier)}"]
            entry += [f"    package: {scalar(name)}"] if name else []
            entry += [f"    reason: {REASON_TO_WRITE}", f"    owner: {OWNER_TO_WRITE}", f"    until: {until}"]
            yield about, entry


def scalar(text: str) -> str:
    """Returns text as one that YAML reads as exactly this text, on one line."""
    if _PLAIN.fullmatch(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    quoted = (c if c.isprintable() and c not in '"\\' else _escape(c) for c in text)
    return '"' + "".join(quoted) + '"'


def _escape(char: str) -> str:
    """https://yaml.org/spec/1.2.2/#57-escaped-characters"""
    if char in '"\\':
        return "\\" + char
    return f"\\U{ord(char):08x}" if ord(char) > 0xFFFF else f"\\u{ord(char):04x}"
