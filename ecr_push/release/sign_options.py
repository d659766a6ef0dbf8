"""The values of the options that say how an accepted image is signed: see `options`."""

from __future__ import annotations

import re
from typing import Annotated

from ecr_push.base.option import Parsed, matching

# What cosign reads keys from, and what names no secret: a PKCS #11 URI may hold a PIN.
# https://docs.sigstore.dev/cosign/key_management/overview/
_STORES = ("env", "awskms", "azurekms", "gcpkms", "hashivault", "k8s", "gitlab")


def _key(text: str) -> str:
    """A file, or the URI of a key. Raises ValueError."""
    scheme, found, rest = text.partition("://")
    if found and scheme not in _STORES:
        stores = ", ".join(f"{one}://" for one in _STORES)
        raise ValueError(f"{scheme}:// is not a store of keys: expected a file, or {stores}")
    if not text.strip() or (found and not rest):
        raise ValueError(f"{text!r} names no key: expected a file, env://NAME, or awskms:///ALIAS_OR_ARN")
    if scheme == "env" and found and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", rest):
        raise ValueError(f"{rest!r} is not the name of a variable: expected env://NAME")
    if text.startswith("-"):
        raise ValueError(f"{text!r} is not a file: write ./{text}")
    return text


SignedBy = Annotated[str, matching("cosign", "way to sign", "cosign")]
KeyReference = Annotated[str, Parsed(_key)]
