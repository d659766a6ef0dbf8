"""How bad an advisory is: a CVSS vector's base score, or the word that its database gives.

https://www.first.org/cvss/ for the scores, https://nvd.nist.gov/vuln-metrics/cvss for their names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cvss  # type: ignore[import-untyped,unused-ignore]

Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"]

_CALCULATORS = {"CVSS_V3": cvss.CVSS3, "CVSS_V4": cvss.CVSS4, "CVSS_V2": cvss.CVSS2}
# What Amazon Inspector prefers where an advisory has several.
VECTOR_TYPES = tuple(_CALCULATORS)

# What distributions and GitHub say in words, in ECR's.
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
    """score is 0 to 10, None where there is no vector. version is CVSS's, such as `3.1`."""

    severity: Severity = "UNDEFINED"
    score: float | None = None
    vector: str = ""
    version: str = ""


def rate_vector(vector_type: str, vector: str) -> Rating:
    """The rating of a vector of one of VECTOR_TYPES. Raises ValueError where it is malformed."""
    calculator: Any = _CALCULATORS[vector_type]
    try:
        score = float(calculator(vector).base_score)
    except cvss.CVSSError as error:
        raise ValueError(str(error)) from error
    version = vector[len("CVSS:") : vector.index("/")] if vector.startswith("CVSS:") else "2.0"
    return Rating(_named(score, version), score, vector, version)


def rate_word(word: str) -> Rating:
    """The rating that has only a name; UNDEFINED for a word that says nothing, such as `not yet assigned`."""
    return Rating(_WORDS.get(word.strip().lower(), "UNDEFINED"))


def _named(score: float, version: str) -> Severity:
    if score >= 9.0 and version != "2.0":  # CVSS 2 has no critical
        return "CRITICAL"
    if score >= 7.0:
        return "HIGH"
    if score >= 4.0:
        return "MEDIUM"
    return "LOW" if score > 0 else "INFORMATIONAL"
