from __future__ import annotations

import pytest

from ecr_push.sandbox.version_order import ORDERS, version_key


@pytest.mark.parametrize(
    ("ecosystem", "older", "newer"),
    [
        ("Debian:12", "1.0~rc1-1", "1.0-1"),
        ("Ubuntu:24.04:LTS", "1.0-1ubuntu1.9", "1.0-1ubuntu1.10"),
        ("Alpine:v3.19", "1.0_rc1-r0", "1.0-r0"),
        ("Wolfi", "1.0-r9", "1.0-r10"),
        ("Chainguard", "1.0", "1.0_p1"),
        ("PyPI", "1.0.dev1", "1.0a1"),
    ],
)
def test_each_ecosystem_has_its_order(ecosystem: str, older: str, newer: str) -> None:
    assert version_key(ecosystem, older) < version_key(ecosystem, newer)


@pytest.mark.parametrize(
    ("ecosystem", "text"), [("Debian:12", "1.0 beta"), ("Alpine:v3.19", "1.0-1"), ("PyPI", "2004d")]
)
def test_an_invalid_version_is_refused(ecosystem: str, text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        version_key(ecosystem, text)


def test_an_unknown_ecosystem_is_refused() -> None:
    assert "npm" not in ORDERS
    with pytest.raises(ValueError, match="npm"):
        version_key("npm", "1.0.0")
