from __future__ import annotations

import pytest

from ecr_push.sandbox.cvss_rating import rate_vector, rate_word

# As published with the CVE by NVD, or by its CNA.
PUBLISHED = [
    ("CVE-2020-14343", "CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, "CRITICAL"),
    ("CVE-2019-10906", "CVSS_V3", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:N", 8.6, "HIGH"),
    ("CVE-2023-43804", "CVSS_V3", "CVSS:3.1/AV:N/AC:H/PR:H/UI:N/S:U/C:H/I:H/A:N", 5.9, "MEDIUM"),
    ("CVE-2023-32681", "CVSS_V3", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:C/C:H/I:N/A:N", 6.1, "MEDIUM"),
    ("CVE-2021-44228", "CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0, "CRITICAL"),
    ("CVE-2023-4911", "CVSS_V3", "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8, "HIGH"),
    ("CVE-2019-5188", "CVSS_V2", "AV:L/AC:L/Au:N/C:P/I:P/A:P", 4.6, "MEDIUM"),
    ("CVE-2014-6271", "CVSS_V2", "AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0, "HIGH"),
    (
        "CVE-2026-32274",
        "CVSS_V4",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:H/VA:N/SC:N/SI:N/SA:N",
        8.7,
        "HIGH",
    ),
    ("none", "CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0, "INFORMATIONAL"),
]


@pytest.mark.parametrize(("cve", "kind", "vector", "score", "severity"), PUBLISHED)
def test_a_vector_has_the_published_score(
    cve: str, kind: str, vector: str, score: float, severity: str
) -> None:
    rating = rate_vector(kind, vector)
    assert (rating.score, rating.severity, rating.vector) == (score, severity, vector)
    assert rating.version == {"CVSS_V2": "2.0", "CVSS_V4": "4.0"}.get(kind, vector[5:8])


@pytest.mark.parametrize(
    "vector", ["", "9.8", "CVSS:3.1/AV:N", "CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"]
)
def test_a_malformed_vector_is_refused(vector: str) -> None:
    with pytest.raises(ValueError):
        rate_vector("CVSS_V3", vector)


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("CRITICAL", "CRITICAL"),
        ("MODERATE", "MEDIUM"),
        ("medium", "MEDIUM"),
        ("negligible", "INFORMATIONAL"),
        ("not yet assigned", "UNDEFINED"),
        ("", "UNDEFINED"),
    ],
)
def test_a_named_severity_has_no_score(word: str, severity: str) -> None:
    assert (rate_word(word).severity, rate_word(word).score) == (severity, None)
