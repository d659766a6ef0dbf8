"""Finding -> a rule of SARIF, with the severity that GitHub shows. Pure."""

from __future__ import annotations

from typing import Any

from ecr_push.base.regex import lazy_regex
from ecr_push.base.severity import Severity
from ecr_push.report.escape import code, link, one_line, prose, web_address
from ecr_push.scan.findings import Finding

LONGEST_TEXT = 1000  # characters; GitHub's limit for a rule's descriptions is 1,024

LEVELS = {
    Severity.UNRECOGNISED: "error",
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFORMATIONAL: "note",
    Severity.UNTRIAGED: "warning",
    Severity.UNDEFINED: "warning",
}
# GitHub derives its severity from `security-severity`: above 9.0 critical, from 7.0 high, from 4.0 medium.
# A score is limited to the range of the scan's own severity, so that both agree.
_BANDS = {
    Severity.UNRECOGNISED: (9.1, 10.0),
    Severity.CRITICAL: (9.1, 10.0),
    Severity.HIGH: (7.0, 9.0),
    Severity.MEDIUM: (4.0, 6.9),
    Severity.LOW: (0.1, 3.9),
    Severity.INFORMATIONAL: (0.1, 3.9),
}


def describe(name: str, finding: Finding) -> dict[str, Any]:
    """Returns the rule of one vulnerability. finding: the worst finding of it."""
    address = web_address(finding.uri)
    about = message(finding.description or finding.title or name)
    fix = f"Update {finding.package} to {finding.fixed_in}." if finding.fixed_in and finding.package else ""
    return {
        "id": name,
        "shortDescription": {"text": message(finding.title or name, 200)},
        "fullDescription": {"text": about},
        **({"helpUri": address} if address else {}),
        "help": {
            "text": about,
            "markdown": "\n\n".join(
                part
                for part in (
                    link(code(name), finding.uri),
                    f"Description: {prose(finding.description or finding.title or name, LONGEST_TEXT)}",
                    f"Update {code(finding.package)} to {code(finding.fixed_in)}." if fix else "",
                )
                if part
            ),
        },
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {
            **_security_severity(finding),
            "tags": ["security", "vulnerability", "container", finding.severity.name.lower()],
        },
    }


def _security_severity(finding: Finding) -> dict[str, str]:
    """Returns the score under GitHub's name; nothing if the vulnerability is not rated yet."""
    if finding.severity not in _BANDS:
        return {"security-severity": f"{finding.score:.1f}"} if finding.score else {}
    least, most = _BANDS[finding.severity]
    return {"security-severity": f"{min(max(finding.score or most, least), most):.1f}"}


def message(text: str, longest: int = LONGEST_TEXT) -> str:
    """Escapes text for a message, in which brackets are links and braces placeholders (3.11.5, 3.11.6)."""
    flat = one_line(text, longest)
    if not _MARKED.search(flat):
        return flat
    whole = flat.translate(_MESSAGE)
    return whole if len(whole) <= longest else one_line(text, longest // 2).translate(_MESSAGE)


_MARKED = lazy_regex(r"[\\\[\]{}]")
_MESSAGE = str.maketrans({"\\": "\\\\", "[": "\\[", "]": "\\]", "{": "{{", "}": "}}"})
