"""Sigstore's documents: which services sign, and which of them are trusted. Text -> what it demands. Pure.

https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto. `cosign signing-config
create` and `cosign trusted-root create` write both.
"""

from __future__ import annotations

import json
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.parse import read_json

_CONFIG = "application/vnd.dev.sigstore.signingconfig."
_ROOT = "application/vnd.dev.sigstore.trustedroot"
CONFIG_FILE = "signing-config.json"
ROOT_FILE = "trusted-root.json"
# Without services cosign asks none: not the public transparency log, nor where its keys are.
NO_SERVICES = {
    CONFIG_FILE: json.dumps({"mediaType": f"{_CONFIG}v0.2+json", "rekorTlogConfig": {}, "tsaConfig": {}}),
    ROOT_FILE: json.dumps({"mediaType": f"{_ROOT}+json;version=0.1"}),
}


@dataclass(frozen=True)
class TrustedRoot:
    """The authorities and logs that count.

    text: as it was read. has_log, has_stamps, has_certificate_log: whether it has a transparency log, a
    timestamp authority, a log of certificates. What it has is demanded of a signature.
    """

    text: str
    has_log: bool
    has_stamps: bool
    has_certificate_log: bool


def read_trusted_root(content: bytes) -> TrustedRoot:
    """Raises ValueError for what is not a trusted root, or trusts nothing."""
    document = _document(content, _ROOT, "trusted root, as `cosign trusted-root create` writes it")
    found = {
        name: bool(document.get(name))
        for name in ("certificateAuthorities", "tlogs", "timestampAuthorities", "ctlogs")
    }
    if not any(found.values()):
        raise ValueError("has neither an authority nor a log")
    return TrustedRoot(content.decode(), found["tlogs"], found["timestampAuthorities"], found["ctlogs"])


def read_signing_config(content: bytes) -> str:
    """The text of a signing configuration. Raises ValueError for another document."""
    _document(content, _CONFIG, "signing configuration, as `cosign signing-config create` writes it")
    return content.decode()


def _document(content: bytes, media_type: str, expected: str) -> dict[str, Any]:
    try:
        content.decode()
        document = read_json(content)
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from error
    if not isinstance(document, dict) or not str(document.get("mediaType", "")).startswith(media_type):
        raise ValueError(f"is not a valid {expected}")
    return document
