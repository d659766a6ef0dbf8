"""What cosign is asked to do, and what of its answers counts. Pure.

cosign 3 keeps a signature as a bundle, in an artifact whose subject is the image: it takes no tag, so that
repositories with immutable tags can have it. cosign 2 keeps it under the tag `sha256-….sig`.
https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.parse import read_json
from ecr_push.base.process import LONGEST_LINE
from ecr_push.base.reference import Digest

PASSWORD = "COSIGN_PASSWORD"  # noqa: S105 - the name of a variable
PUBLIC_KEY = "SIGN_PUBLIC_KEY"  # the variable in which cosign gets it
OLDEST = 3
# The types of what a signature says: of a bundle, and of what cosign 2 made. `cosign verify` takes any
# statement that the key signed, an attestation too, and exits with 0: the type of that is another one.
SIGNATURES = ("https://sigstore.dev/cosign/sign/v1", "cosign container image signature")
# How cosign 3 marks the artifact of a signature: its type, and an annotation.
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MARKS = {"dev.sigstore.bundle.predicateType": SIGNATURES[0]}
# Without services cosign asks none: not the public transparency log, nor where its keys are. The documents:
# https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
_FILES = {
    "--signing-config": (
        "signing-config.json",
        {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "rekorTlogConfig": {},
            "tsaConfig": {},
        },
    ),
    "--trusted-root": (
        "trusted-root.json",
        {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"},
    ),
}

SignResult = Literal["signed", "already", "planned"]


@dataclass(frozen=True)
class Signature:
    """The signature of an image.

    by:     the program.
    key:    the reference of the private key, as it was given; it is not a secret.
    result: `already` if the image had one by this key; `planned` if it would be signed.
    image:  REPOSITORY@DIGEST that is signed; empty while that is only planned.
    reference: REPOSITORY@DIGEST of the signature; empty where it is not known which one of several it is, and
               for one of cosign 2.
    """

    by: str
    key: str
    result: SignResult
    image: str = ""
    reference: str = ""

    def __str__(self) -> str:
        words = {"signed": "signed", "already": "signed already", "planned": "would be signed"}
        return f"{words[self.result]} by {self.by} with {self.key}"


def public_key_argv(key: str) -> tuple[str, ...]:
    return "cosign", "public-key", "--key", key


def sign_argv(key: str, image: str, folder: Path) -> tuple[str, ...]:
    """folder: holds the files of `write_files`."""
    flags = (word for flag, (name, _) in _FILES.items() for word in (flag, str(folder / name)))
    return "cosign", "sign", "--key", key, *flags, "--yes", image


def verify_argv(image: str) -> tuple[str, ...]:
    """The public key is in the variable PUBLIC_KEY."""
    return (
        *("cosign", "verify", "--key", f"env://{PUBLIC_KEY}", "--insecure-ignore-tlog=true"),
        *("--output", "json", image),
    )


def documents() -> dict[str, str]:
    """The files that `sign_argv` names, by their names."""
    return {name: json.dumps(content) for name, content in _FILES.values()}


def too_old(version: str, sign_help: str) -> str:
    """Why this cosign cannot be used; "" if it can.

    version:   what `cosign version --json` prints; what a distribution has built may not say which it is.
    sign_help: what `cosign sign --help` prints.
    """
    number = re.search(r'"gitVersion":\s*"v?(\d+)(\.[\w.+-]+)"', version)
    if number and int(number[1]) < OLDEST:
        return f"cosign {number[1]}{number[2]} is too old"
    if lacking := [flag for flag in _FILES if flag not in sign_help]:
        return f"this cosign is too old: its `sign` has no {' and no '.join(lacking)}"
    return ""


def public_key_in(output: Sequence[str]) -> str:
    """The public key, in PEM, that `cosign public-key` printed; "" for none."""
    found = re.search(r"-----BEGIN PUBLIC KEY-----\n.+?\n-----END PUBLIC KEY-----", "\n".join(output), re.S)
    return f"{found[0]}\n" if found else ""


def is_signed(output: Sequence[str], digest: Digest) -> bool:
    """Whether what `cosign verify` printed, which exited with 0, has a signature of this image.

    Each payload is `{"critical": {"image": {"docker-manifest-digest": …}, "type": …}, …}`.
    """
    for place, line in enumerate(output):
        if not line.startswith("["):
            continue
        last = next((at for at in range(place, len(output)) if len(output[at]) < LONGEST_LINE), len(output))
        try:
            payloads = read_json("".join(output[place : last + 1]).encode())
        except ValueError:
            continue
        if isinstance(payloads, list) and any(_is_of(one, digest) for one in payloads):
            return True
    return False


def _is_of(payload: Any, digest: Digest) -> bool:
    critical = _member(payload, "critical")
    of = _member(_member(critical, "image"), "docker-manifest-digest")
    return _member(critical, "type") in SIGNATURES and of == digest.value


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def why(output: Sequence[str]) -> str:
    """What cosign says of its failure."""
    said = [line.removeprefix("Error: ") for line in output if line.startswith("Error: ")]
    return (said or [line for line in output if line.strip()] or ["it says nothing"])[-1]
