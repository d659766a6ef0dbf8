"""The options that say how an accepted image is signed, and whose signatures count."""

from __future__ import annotations

import re
from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import PLANNING, VERIFYING, WHERE_IT_GOES, Parsed, matching, option

# What cosign reads keys from, and what names no secret: a PKCS #11 URI may hold a PIN.
# https://docs.sigstore.dev/cosign/key_management/overview/
_STORES = ("env", "awskms", "azurekms", "gcpkms", "hashivault", "k8s", "gitlab")
_SIGNING = PLANNING | {"promote"}


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


def _identity(text: str) -> str:
    """A name in a certificate: a URI, or an address of e-mail. Raises ValueError."""
    literal = text.replace("*", "")
    if not re.fullmatch(r"[\x21-\x7e]+", text) or not re.search(r"[^*]{8}", text):
        raise ValueError(
            f"{text!r} is not an identity: expected the name in the certificate, such as "
            "https://github.com/ORGANISATION/REPOSITORY/.github/workflows/release.yml@refs/heads/main; "
            "a * stands for any text, and may not stand for nearly all of it"
        )
    if "://" in literal and "*" in text.partition("://")[2].partition("/")[0]:
        raise ValueError(f"{text!r}: a * may not stand in the host")
    return text


SignedBy = Annotated[str, matching("cosign|keyless|notation", "way to sign", "cosign, keyless or notation")]
KeyReference = Annotated[str, Parsed(_key)]
IdentityName = Annotated[str, Parsed(_identity)]
Issuer = Annotated[
    str, matching(r"https?://[!-)+-~]+", "issuer", "the address of an OIDC issuer, without a *")
]


@dataclass(frozen=True, eq=False, repr=False)
class SignOptions:
    """How an accepted image is signed. The caller says all of it: a fork could name a key of its own."""

    sign: SignedBy = option(
        "",
        WHERE_IT_GOES,
        _SIGNING | VERIFYING,
        "Sign an accepted image before its tags move. cosign, notation: with the key of --sign-key. keyless: "
        "with cosign, as the CI's job, by its OIDC token, which Sigstore's public log shows for good. "
        "`verify` takes notation, whose trust policy then says whose signatures count.",
        metavar="cosign|keyless|notation",
        by_caller=True,
    )
    sign_key: KeyReference = option(
        "",
        WHERE_IT_GOES,
        _SIGNING | VERIFYING,
        "The key of cosign: a file, env://NAME, or a key of a KMS, such as awskms:///alias/NAME. To sign, "
        "the private half; the password of a file or a variable is in COSIGN_PASSWORD. To verify, the public "
        "half is enough. Of notation: a name in its list of keys, or PLUGIN/KEY-ID.",
        metavar="KEY",
        by_caller=True,
    )
    sign_identity: IdentityName = option(
        "",
        WHERE_IT_GOES,
        _SIGNING | VERIFYING,
        "Without a key, whose signatures count: the name in the certificate, such as a workflow's address at "
        "a ref; * stands for any text. A run takes it from the token of its job.",
        metavar="NAME",
        by_caller=True,
    )
    sign_issuer: Issuer = option(
        "",
        WHERE_IT_GOES,
        _SIGNING | VERIFYING,
        "Without a key, who issued the token for the certificate, such as "
        "https://token.actions.githubusercontent.com. A run takes it from the token of its job.",
        metavar="URL",
        by_caller=True,
    )
    require_signature: bool = option(
        False,
        WHERE_IT_GOES,
        _SIGNING,
        "Wait until ECR's managed signing has signed the image, and release it only then.",
        by_caller=True,
    )
    sign_config: str = option(
        "",
        WHERE_IT_GOES,
        _SIGNING,
        "Sigstore services of your own, as `cosign signing-config create` writes them: the certificate "
        "authority, the transparency log, the timestamp authority. Needs --sign-trusted-root.",
        metavar="FILE",
        by_caller=True,
    )
    sign_trusted_root: str = option(
        "",
        WHERE_IT_GOES,
        _SIGNING | VERIFYING,
        "The authorities and logs that count, as `cosign trusted-root create` writes them. What the file "
        "has is demanded of a signature.",
        metavar="FILE",
        by_caller=True,
    )
