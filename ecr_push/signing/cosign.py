"""What cosign is asked to do, and what of its answers counts. Pure.

cosign 3 keeps a signature as a bundle, in an artifact whose subject is the image: it takes no tag, so that
repositories with immutable tags can have it. cosign 2 keeps it under the tag `sha256-….sig`.
https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ecr_push.base.parse import read_json
from ecr_push.base.process import LONGEST_LINE
from ecr_push.base.reference import Digest, Tag
from ecr_push.signing.model import Trust
from ecr_push.signing.services import CONFIG_FILE, NO_SERVICES, ROOT_FILE

PASSWORD = "COSIGN_PASSWORD"  # noqa: S105 - the name of a variable
ID_TOKEN = "SIGSTORE_ID_TOKEN"  # noqa: S105 - likewise
PUBLIC_KEY = "SIGN_PUBLIC_KEY"  # the variable in which cosign gets it
TOKEN_FILE = "token"  # noqa: S105 - the name of a file
PREDICATE_FILE = "predicate.json"
OLDEST = 3
# The types of what a signature says: of a bundle, and of what cosign 2 made. `cosign verify` takes any
# statement that the key signed, an attestation too, and exits with 0: the type of that is another one.
SIGNATURES = ("https://sigstore.dev/cosign/sign/v1", "cosign container image signature")
# How cosign 3 marks the artifact of a signature: its type, and an annotation.
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PREDICATE = "dev.sigstore.bundle.predicateType"
MARKS = {PREDICATE: SIGNATURES[0]}
# No signature, and none by this key: cmd/cosign/errors/exit_codes.go of cosign. A bundle by another key is 1.
NONE = (10, 12)
# What it says of bundles, of which none counts.
_NONE_COUNTS = ("no matching attestations", "none of the attestations matched", "no signatures found")


def public_key_argv(key: str) -> tuple[str, ...]:
    return "cosign", "public-key", "--key", key


def sign_argv(key: str, image: str, folder: Path, files: Mapping[str, str]) -> tuple[str, ...]:
    """key: its reference; "" to sign with the token in folder. files: those of `documents`, in folder."""
    return "cosign", "sign", *_how(key, folder, files), "--yes", image


def attest_argv(key: str, image: str, folder: Path, files: Mapping[str, str], kind: str) -> tuple[str, ...]:
    """The same for a statement of which folder has the predicate. kind: its type."""
    said = ("--type", kind, "--predicate", str(folder / PREDICATE_FILE))
    return "cosign", "attest", *_how(key, folder, files), *said, "--yes", image


def verify_argv(trust: Trust, image: str, folder: Path) -> tuple[str, ...]:
    """folder: holds the trusted root, where there is one. The public key is in the variable PUBLIC_KEY."""
    return "cosign", "verify", *_whose(trust, folder), "--output", "json", image


def verify_attestation_argv(trust: Trust, image: str, folder: Path, kind: str) -> tuple[str, ...]:
    """kind: the type of predicate."""
    return (
        *("cosign", "verify-attestation", *_whose(trust, folder)),
        *("--type", kind, "--output", "json", image),
    )


def documents(key: str, config: str, root: str) -> dict[str, str]:
    """The files that cosign signs with, by their names. config, root: texts, "" where they are not given.

    Without them a key asks no service, and an identity asks Sigstore's public ones.
    """
    given = {CONFIG_FILE: config, ROOT_FILE: root}
    found = {name: text for name, text in given.items() if text}
    return {**NO_SERVICES, **found} if key and not config else found


def _how(key: str, folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    yield from ("--key", key) if key else ("--identity-token", str(folder / TOKEN_FILE))
    for flag, name in (("--signing-config", CONFIG_FILE), ("--trusted-root", ROOT_FILE)):
        if name in files:
            yield from (flag, str(folder / name))


def _whose(trust: Trust, folder: Path) -> Iterator[str]:
    root = trust.root
    if trust.key:
        yield from ("--key", f"env://{PUBLIC_KEY}")
    elif "*" in trust.identity:
        yield from ("--certificate-identity-regexp", _pattern(trust.identity))
    else:
        yield from ("--certificate-identity", trust.identity)
    if not trust.key:
        yield from ("--certificate-oidc-issuer", trust.issuer)
    if root:
        yield from ("--trusted-root", str(folder / ROOT_FILE))
    if (trust.key and not root) or (root and not root.has_log):
        yield "--insecure-ignore-tlog=true"
    if root and root.has_stamps and not root.has_log:
        yield "--use-signed-timestamps=true"
    if root and not trust.key and not root.has_certificate_log:
        yield "--insecure-ignore-sct=true"


def _pattern(identity: str) -> str:
    """In Go's syntax, in which an escaped sign of punctuation stands for itself."""
    return f"^{'.*'.join(map(re.escape, identity.split('*')))}$"


def too_old(version: str, sign_help: str) -> str:
    """Why this cosign cannot be used; "" if it can.

    version:   what `cosign version --json` prints; what a distribution has built may not say which it is.
    sign_help: what `cosign sign --help` prints.
    """
    number = re.search(r'"gitVersion":\s*"v?(\d+)(\.[\w.+-]+)"', version)
    if number and int(number[1]) < OLDEST:
        return f"cosign {number[1]}{number[2]} is too old"
    if lacking := [flag for flag in ("--signing-config", "--trusted-root") if flag not in sign_help]:
        return f"this cosign is too old: its `sign` has no {' and no '.join(lacking)}"
    return ""


def public_key_in(text: str) -> str:
    """The public key, in PEM, that is in text; "" for none."""
    begin, end = "-----BEGIN PUBLIC KEY-----\n", "\n-----END PUBLIC KEY-----"
    found = re.search(rf"{begin}([A-Za-z0-9+/=\s]+?){end}", text.replace("\r", ""))
    try:
        base64.b64decode("".join(found[1].split()) if found else "", validate=True)
    except ValueError:
        return ""
    return f"{begin}{found[1].strip()}{end}\n" if found else ""


def older_signature(digest: Digest) -> Tag:
    """The tag under which cosign 2 keeps the signatures of an image."""
    return Tag(f"{digest.value.replace(':', '-')}.sig")


def is_signed(output: Sequence[str], digest: Digest) -> bool:
    """Whether what `cosign verify` printed, which exited with 0, has a signature of this image.

    Each payload is `{"critical": {"image": {"docker-manifest-digest": …}, "type": …}, …}`.
    """
    return any(
        isinstance(payloads, list) and any(_is_of(one, digest) for one in payloads)
        for payloads in _printed(output, "[")
    )


def statements(output: Sequence[str], digest: Digest, kind: str) -> list[Mapping[str, Any]]:
    """The statements about this image, of this type of predicate, that `cosign verify-attestation` printed.

    Each is an envelope on a line of its own: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md
    """
    found = []
    for envelope in _printed(output, "{"):
        try:
            statement = read_json(base64.b64decode(str(_member(envelope, "payload")), validate=True))
        except ValueError:
            continue
        if is_statement_of(statement, digest, kind):
            found.append(statement)
    return found


def is_statement_of(statement: Any, digest: Digest, kind: str) -> bool:
    """Whether an in-toto statement is about this image, and has this type of predicate."""
    subjects = _member(statement, "subject")
    algorithm, _, value = digest.value.partition(":")
    return (
        _member(statement, "predicateType") == kind
        and isinstance(subjects, list)
        and any(_member(_member(one, "digest"), algorithm) == value for one in subjects)
    )


def _printed(output: Sequence[str], begin: str) -> Iterator[Any]:
    """The JSON documents that begin on a line with this. A long line comes in pieces."""
    for place, line in enumerate(output):
        if not line.startswith(begin):
            continue
        last = next((at for at in range(place, len(output)) if len(output[at]) < LONGEST_LINE), len(output))
        try:
            yield read_json("".join(output[place : last + 1]).encode())
        except ValueError:
            continue


def _is_of(payload: Any, digest: Digest) -> bool:
    critical = _member(payload, "critical")
    of = _member(_member(critical, "image"), "docker-manifest-digest")
    return _member(critical, "type") in SIGNATURES and of == digest.value


def is_by(bundle: bytes, trust: Trust) -> bool:
    """Whether a bundle names the key, or a certificate of the identity. It proves nothing: cosign verifies.

    A name of a certificate is in it as it is: RFC 5280, GeneralName, has IA5String.
    """
    try:
        material = _member(read_json(bundle), "verificationMaterial")
        if trust.hint:
            return bool(_member(_member(material, "publicKey"), "hint") == trust.hint)
        certificate = _member(_member(material, "certificate"), "rawBytes")
        content = base64.b64decode(certificate, validate=True) if isinstance(certificate, str) else b""
    except ValueError:
        return False
    parts = [one.encode() for one in trust.identity.split("*")]
    return bool(content) and all(part in content for part in parts)


def states(bundle: bytes, trust: Trust, predicate: Any) -> bool:
    """Whether a bundle by the key or the identity has this predicate. It proves nothing, as `is_by`."""
    return is_by(bundle, trust) and bool(_member(statement_in(bundle), "predicate") == predicate)


def statement_in(bundle: bytes) -> Any:
    """The statement in a bundle, which cosign has not verified; None for none."""
    try:
        envelope = _member(read_json(bundle), "dsseEnvelope")
        return read_json(base64.b64decode(str(_member(envelope, "payload")), validate=True))
    except ValueError:
        return None


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def none_counts(exit_code: int, output: Sequence[str]) -> bool:
    """Whether cosign has read what there is, and none of it counts. Else it could not verify."""
    return exit_code in NONE or why(output).startswith(_NONE_COUNTS)


def why(output: Sequence[str]) -> str:
    """What cosign says of its failure."""
    said = [line.removeprefix("Error: ") for line in output if line.startswith("Error: ")]
    return (said or [line for line in output if line.strip()] or ["it says nothing"])[-1]
