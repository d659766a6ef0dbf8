"""What is said of a signature that a program did not make."""

from __future__ import annotations

import pytest

from ecr_push.signing.session import not_signed

SYNTAX = "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"


@pytest.mark.parametrize(
    "why",
    [
        f"failed to upload manifest: PUT http://h/v2/a/manifests/sha256:1: UNSUPPORTED: {SYNTAX}",
        f'PUT "http://h/v2/a/manifests/sha256:1": response status code 405: unsupported: {SYNTAX}',
        'GET "http://h/v2/a/referrers/sha256:1": response status code 405: Method Not Allowed',
    ],
)
def test_a_registry_that_takes_no_signatures(why: str) -> None:
    error = not_signed("cosign could not sign the image", why)
    assert "refuses what a signature is" in error.why
    assert why in error.why
    assert "AWS Support" in error.remedy


def test_any_other_reason() -> None:
    error = not_signed("cosign could not sign the image", "reading key: unsupported pem type: EC")
    assert error.why == "reading key: unsupported pem type: EC"
    assert "fix that" in error.remedy
