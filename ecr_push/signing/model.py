"""A signature of an image, and whose signatures count: the nouns."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.signing.services import TrustedRoot

SignResult = Literal["signed", "already", "planned"]


@dataclass(frozen=True)
class Signature:
    """The signature of an image.

    by:     the program.
    key:    the reference of the private key, as it was given; it is not a secret. "" where an identity signs.
    result: `already` if the image had one by this key; `planned` if it would be signed.
    image:  REPOSITORY@DIGEST that is signed; empty while that is only planned.
    reference: REPOSITORY@DIGEST of the signature; empty where it is not known which one of several it is, and
               for one of cosign 2.
    identity, issuer: of the certificate with which the run signed; "" where a key signs.
    """

    by: str
    key: str
    result: SignResult
    image: str = ""
    reference: str = ""
    identity: str = ""
    issuer: str = ""

    @property
    def whose(self) -> str:
        return f"with {self.key}" if self.key else f"as {self.identity}"

    def __str__(self) -> str:
        words = {"signed": "signed", "already": "signed already", "planned": "would be signed"}
        return f"{words[self.result]} by {self.by} {self.whose}"


@dataclass(frozen=True)
class Trust:
    """Whose signatures count: those by a key, or those of an identity that an issuer vouches for.

    key:      the public half, in PEM; "" for an identity.
    name:     the key's reference, or the identity: for messages and reports.
    identity: of a certificate; `*` in it stands for any text.
    issuer:   of the token for which the certificate was issued.
    root:     the authorities and logs that count; None for Sigstore's public ones, and none with a key.
    """

    key: str
    name: str
    identity: str = ""
    issuer: str = ""
    root: TrustedRoot | None = None

    @property
    def hint(self) -> str:
        """How a bundle names the key: by the hash of the public half. "" for an identity.

        cosign makes the hint of the SHA-256 of the key in DER:
        https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_common.proto
        """
        if not self.key:
            return ""
        lines = [line for line in self.key.splitlines() if "-----" not in line]
        return base64.b64encode(hashlib.sha256(base64.b64decode("".join(lines))).digest()).decode()
