from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecr_push.base.process import LONGEST_LINE
from ecr_push.base.reference import Digest
from ecr_push.release.cosign import (
    SIGNATURES,
    Signature,
    documents,
    is_signed,
    public_key_in,
    sign_argv,
    too_old,
    verify_argv,
    why,
)

DIGEST = Digest("sha256:" + "ab" * 32)
OTHER = "sha256:" + "cd" * 32
IMAGE = f"127.0.0.1:5000/team/app@{DIGEST}"
HELP = "    --signing-config='':\n    --trusted-root='':\n"


def payload(kind: object = SIGNATURES[0], digest: object = DIGEST.value) -> dict[str, object]:
    """As cosign 3.1.1 prints it."""
    image = {"docker-manifest-digest": digest}
    return {
        "critical": {"identity": {"docker-reference": IMAGE}, "image": image, "type": kind},
        "optional": {},
    }


def printed(*payloads: object) -> list[str]:
    return ["WARNING: Skipping tlog verification", "", json.dumps(payloads), "Verification for x --"]


def test_cosign_is_asked_for_no_service_and_given_no_password() -> None:
    folder = Path("/run/x")
    assert sign_argv("awskms:///alias/release", IMAGE, folder) == (
        *("cosign", "sign", "--key", "awskms:///alias/release"),
        *("--signing-config", "/run/x/signing-config.json", "--trusted-root", "/run/x/trusted-root.json"),
        *("--yes", IMAGE),
    )
    assert verify_argv(IMAGE)[:4] == ("cosign", "verify", "--key", "env://SIGN_PUBLIC_KEY")
    assert {name: sorted(json.loads(text)) for name, text in documents().items()} == {
        "signing-config.json": ["mediaType", "rekorTlogConfig", "tsaConfig"],
        "trusted-root.json": ["mediaType"],
    }


@pytest.mark.parametrize(
    ("payloads", "expected"),
    [
        ([payload()], True),
        ([payload(SIGNATURES[1])], True),
        ([payload("https://cosign.sigstore.dev/attestation/v1"), payload()], True),
        ([payload("https://cosign.sigstore.dev/attestation/v1")], False),
        ([payload(digest=OTHER)], False),
        ([payload(digest=None)], False),
        ([payload(["x"])], False),
        ([{"critical": None}, 1, None], False),
        ([], False),
    ],
)
def test_a_signature_counts_by_its_type_and_its_digest(payloads: list[object], expected: bool) -> None:
    assert is_signed(printed(*payloads), DIGEST) is expected


def test_what_cosign_prints_may_be_odd_or_long() -> None:
    for odd in ([], [""], ["[not JSON"], ["{}"], ["[" * 1000]):
        assert not is_signed(odd, DIGEST)
    line = json.dumps([*[payload(digest=OTHER)] * 400, payload()])
    pieces = [line[at : at + LONGEST_LINE] for at in range(0, len(line), LONGEST_LINE)]
    assert len(pieces) > 1 and is_signed([*pieces, "Verification"], DIGEST)


@pytest.mark.parametrize(
    ("version", "help_text", "expected"),
    [
        ('{"gitVersion": "v3.1.1"}', HELP, ""),
        ('{"gitVersion": "3.0.2"}', HELP, ""),
        ('{\n  "gitVersion": "devel"\n}', HELP, ""),
        ('{"gitVersion": "v2.6.4"}', HELP, "cosign 2.6.4 is too old"),
        ("not JSON", HELP, ""),
        (
            '{"gitVersion": "devel"}',
            "    --key='':\n",
            "this cosign is too old: its `sign` has no --signing-config and no --trusted-root",
        ),
    ],
)
def test_a_cosign_is_too_old_by_its_version_or_by_what_it_lacks(
    version: str, help_text: str, expected: str
) -> None:
    assert too_old(version, help_text) == expected


def test_the_public_key_and_the_reason_are_found_among_other_lines() -> None:
    pem = ["-----BEGIN PUBLIC KEY-----", "MFkw", "-----END PUBLIC KEY-----"]
    assert public_key_in(["Enter password:", *pem, ""]) == "\n".join(pem) + "\n"
    assert public_key_in(["-----BEGIN PRIVATE KEY-----", "x"]) == ""
    said = ["Error: decryption failed", "error during command execution: decryption failed"]
    assert why(said) == "decryption failed"
    assert (why(["a", "last", ""]), why([])) == ("last", "it says nothing")


def test_a_signature_in_words() -> None:
    assert str(Signature("cosign", "k.key", "signed", IMAGE)) == "signed by cosign with k.key"
    assert str(Signature("cosign", "k.key", "already", IMAGE)) == "signed already by cosign with k.key"
    assert str(Signature("cosign", "k.key", "planned")) == "would be signed by cosign with k.key"
