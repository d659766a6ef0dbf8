from __future__ import annotations

import itertools

import pytest

from ecr_push.sandbox.version_order import SCHEMES, apk_key, dpkg_key, pep440_key, version_key

# Ascending; each list is its ecosystem's own order (dpkg --compare-versions, apk version -t, PEP 440).
ASCENDING = {
    "Debian:12": [
        "0~rc1",
        "0",
        "1.0~~",
        "1.0~~a",
        "1.0~",
        "1.0",
        "1.0-1~bpo12+1",
        "1.0-1",
        "1.0-1+deb12u1",
        "1.0-1+deb12u2",
        "1.0-1+deb12u10",
        "1.0a",
        "1.0+dfsg-1",
        "1.0-2-1",
        "1.0.1",
        "1.2.4-0.2+deb12u1",
        "1.10",
        "9.2p1-2+deb12u3",
        "1:0.1",
        "1:9.2p1-2+deb12u2",
    ],
    "Alpine:v3.19": [
        "1.0_alpha",
        "1.0_alpha1",
        "1.0_beta",
        "1.0_pre2",
        "1.0_rc1",
        "1.0",
        "1.0-r0",
        "1.0-r9",
        "1.0-r10",
        "1.0_git20240101",
        "1.0_p1",
        "1.0_p1-r1",
        "1.0a",
        "1.0b",
        "1.01",
        "1.05",
        "1.1",
        "1.9",
        "1.10",
        "3.0.9z",
        "3.0.10",
        "3.1.4-r5",
        "20240226",
    ],
    "PyPI": [
        "1.0.dev1",
        "1.0a1",
        "1.0rc1",
        "1.0",
        "1.0.post1",
        "1.9",
        "1.10",
        "5.3.1",
        "5.4b1",
        "5.4",
        "1!0.1",
    ],
}
EQUAL = [
    ("Debian:12", "1.0", "1.00"),
    ("Debian:12", "1.0", "0:1.0"),
    ("Debian:12", "1.0", "1.0-0"),
    ("Alpine:v3.19", "1.2", "1.2"),
    ("PyPI", "1.0", "1.0.0"),
    ("PyPI", "2023.7.22", "2023.07.22"),
]


@pytest.mark.parametrize("ecosystem", ASCENDING)
def test_every_version_is_older_than_all_that_follow(ecosystem: str) -> None:
    for older, newer in itertools.combinations(ASCENDING[ecosystem], 2):
        first, second = version_key(ecosystem, older), version_key(ecosystem, newer)
        assert first < second, f"{older} < {newer}"
        assert not second < first, f"{newer} < {older}"


@pytest.mark.parametrize(("ecosystem", "one", "other"), EQUAL)
def test_equal_versions(ecosystem: str, one: str, other: str) -> None:
    assert version_key(ecosystem, one) == version_key(ecosystem, other)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (dpkg_key, ""),
        (dpkg_key, "1.0 beta"),
        (dpkg_key, "one:1.0"),
        (apk_key, "v1.0"),
        (apk_key, "1.0-1"),
        (apk_key, "1.0_gamma"),
        (pep440_key, "2004d"),
    ],
)
def test_what_is_no_version_is_refused(key: object, text: str) -> None:
    with pytest.raises(ValueError):
        key(text)  # type: ignore[operator]


def test_an_unknown_ecosystem_is_refused() -> None:
    assert "npm" not in SCHEMES
    with pytest.raises(ValueError, match="npm"):
        version_key("npm", "1.0.0")
