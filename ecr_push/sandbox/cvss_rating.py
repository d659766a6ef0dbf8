"""The severity of an advisory: a CVSS vector's base score, or the severity's name in its database.

https://www.first.org/cvss/ for the scores, https://nvd.nist.gov/vuln-metrics/cvss for their names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cvss  # type: ignore[import-untyped,unused-ignore]

Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"]

_CALCULATORS = {"CVSS_V3": cvss.CVSS3, "CVSS_V4": cvss.CVSS4, "CVSS_V2": cvss.CVSS2}
# In the order that Amazon Inspector prefers.
VECTOR_TYPES = tuple(_CALCULATORS)

# The names that distributions and GitHub use -> ECR's.
_WORDS: dict[str, Severity] = {
    "critical": "CRITICAL",
    "high": "HIGH",
    "important": "HIGH",
    "medium": "MEDIUM",
    "moderate": "MEDIUM",
    "low": "LOW",
    "negligible": "INFORMATIONAL",
    "unimportant": "INFORMATIONAL",
}


@dataclass(frozen=True)
class Rating:
    """score is 0 to 10, None without a vector. version is CVSS's, such as `3.1`."""

    severity: Severity = "UNDEFINED"
    score: float | None = None
    vector: str = ""
    version: str = ""


def rate_vector(vector_type: str, vector: str) -> Rating:
    """Returns the rating of a vector of one of VECTOR_TYPES. Raises ValueError if it is not valid."""
    calculator: Any = _CALCULATORS[vector_type]
    try:
        score = float(calculator(vector).base_score)
    except cvss.CVSSError as error:
        raise ValueError(str(error)) from error
    version = vector[len("CVSS:") : vector.index("/")] if vector.startswith("CVSS:") else "2.0"
    return Rating(_named(score, version), score, vector, version)


def rate_word(word: str) -> Rating:
    """Returns the rating for a severity's name; UNDEFINED for an unknown one, such as `not yet assigned`."""
    return Rating(_WORDS.get(word.strip().lower(), "UNDEFINED"))


def _named(score: float, version: str) -> Severity:
    if score >= 9.0 and version != "2.0":  # CVSS 2 has no critical
        return "CRITICAL"
    if score >= 7.0:
        return "HIGH"
    if score >= 4.0:
        return "MEDIUM"
    return "LOW" if score > 0 else "INFORMATIONAL"
