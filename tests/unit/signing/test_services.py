from __future__ import annotations

import json

import pytest

from ecr_push.signing.services import NO_SERVICES, read_signing_config, read_trusted_root

ROOT = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
CONFIG = "application/vnd.dev.sigstore.signingconfig.v0.2+json"


def test_what_a_trusted_root_has() -> None:
    document = {"mediaType": ROOT, "tlogs": [{}], "certificateAuthorities": [{}], "ctlogs": []}
    content = json.dumps(document).encode()
    found = read_trusted_root(content)
    assert (found.has_log, found.has_stamps, found.has_certificate_log) == (True, False, False)
    assert found.text.encode() == content


def test_a_signing_configuration_stays_as_it_is() -> None:
    text = json.dumps({"mediaType": CONFIG, "caUrls": []})
    assert read_signing_config(text.encode()) == text
    assert read_signing_config(NO_SERVICES["signing-config.json"].encode())


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xff", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[]", "is not a valid trusted root, as `cosign trusted-root create` writes it"),
        (json.dumps({"mediaType": CONFIG}).encode(), "is not a valid trusted root"),
        (json.dumps({"mediaType": ROOT}).encode(), "has neither an authority nor a log"),
        (json.dumps({"mediaType": 1, "tlogs": [{}]}).encode(), "is not a valid trusted root"),
    ],
)
def test_what_is_not_a_trusted_root(content: bytes, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_trusted_root(content)


def test_a_trusted_root_is_not_a_signing_configuration() -> None:
    with pytest.raises(ValueError, match="is not a valid signing configuration"):
        read_signing_config(json.dumps({"mediaType": ROOT, "tlogs": [{}]}).encode())
