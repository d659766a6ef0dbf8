from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ecr_push.base.process import LONGEST_LINE
from ecr_push.base.reference import Digest
from ecr_push.signing.cosign import (
    SIGNATURES,
    attest_argv,
    documents,
    is_by,
    is_signed,
    none_counts,
    older_signature,
    public_key_in,
    sign_argv,
    statements,
    states,
    too_old,
    verify_argv,
    verify_attestation_argv,
    why,
)
from ecr_push.signing.model import Signature, Trust
from ecr_push.signing.services import TrustedRoot

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


PEM = "-----BEGIN PUBLIC KEY-----\nQUJDRA==\n-----END PUBLIC KEY-----\n"
HINT = base64.b64encode(hashlib.sha256(b"ABCD").digest()).decode()
KEY = Trust(PEM, "release.key")
NAME, ISSUER = "https://github.com/acme/app/.github/workflows/a.yml@refs/heads/main", "https://a.example"
JOB = Trust("", NAME, NAME, ISSUER)
KIND = "https://verdict.example/v1"
FOLDER = Path("/run/x")
ROOT = ("--trusted-root", "/run/x/trusted-root.json")


def test_a_key_asks_no_service_and_no_password_is_given() -> None:
    files = documents("awskms:///alias/release", "", "")
    assert sign_argv("awskms:///alias/release", IMAGE, FOLDER, files) == (
        *("cosign", "sign", "--key", "awskms:///alias/release"),
        *("--signing-config", "/run/x/signing-config.json", *ROOT, "--yes", IMAGE),
    )
    assert {name: sorted(json.loads(text)) for name, text in files.items()} == {
        "signing-config.json": ["mediaType", "rekorTlogConfig", "tsaConfig"],
        "trusted-root.json": ["mediaType"],
    }


def test_a_job_asks_the_public_services_unless_others_are_given() -> None:
    assert sign_argv("", IMAGE, FOLDER, documents("", "", "")) == (
        *("cosign", "sign", "--identity-token", "/run/x/token", "--yes", IMAGE),
    )
    own = documents("", "{config}", "{root}")
    assert (
        own
        == {"signing-config.json": "{config}", "trusted-root.json": "{root}"}
        == documents("k", *own.values())
    )
    assert attest_argv("", IMAGE, FOLDER, own, KIND) == (
        *("cosign", "attest", "--identity-token", "/run/x/token"),
        *("--signing-config", "/run/x/signing-config.json", *ROOT),
        *("--type", KIND, "--predicate", "/run/x/predicate.json", "--yes", IMAGE),
    )


def rooted(trust: Trust, *has: str) -> Trust:
    return replace(trust, root=TrustedRoot("{}", "log" in has, "stamps" in has, "ct" in has))


@pytest.mark.parametrize(
    ("trust", "flags"),
    [
        (KEY, ["--key", "env://SIGN_PUBLIC_KEY", "--insecure-ignore-tlog=true"]),
        (JOB, ["--certificate-identity", NAME, "--certificate-oidc-issuer", ISSUER]),
        (
            replace(JOB, identity="https://a.example/x.y@*"),
            [
                "--certificate-identity-regexp",
                r"^https://a\.example/x\.y@.*$",
                "--certificate-oidc-issuer",
                ISSUER,
            ],
        ),
        (
            rooted(JOB, "log", "stamps", "ct"),
            ["--certificate-identity", NAME, "--certificate-oidc-issuer", ISSUER, *ROOT],
        ),
        (
            rooted(JOB, "stamps"),
            [
                *("--certificate-identity", NAME, "--certificate-oidc-issuer", ISSUER, *ROOT),
                *(
                    "--insecure-ignore-tlog=true",
                    "--use-signed-timestamps=true",
                    "--insecure-ignore-sct=true",
                ),
            ],
        ),
        (rooted(KEY, "log"), ["--key", "env://SIGN_PUBLIC_KEY", *ROOT]),
        (
            rooted(KEY, "stamps"),
            [
                *("--key", "env://SIGN_PUBLIC_KEY", *ROOT),
                *("--insecure-ignore-tlog=true", "--use-signed-timestamps=true"),
            ],
        ),
    ],
)
def test_what_is_trusted_is_demanded(trust: Trust, flags: list[str]) -> None:
    assert verify_argv(trust, IMAGE, FOLDER) == ("cosign", "verify", *flags, "--output", "json", IMAGE)
    assert verify_attestation_argv(trust, IMAGE, FOLDER, KIND) == (
        *("cosign", "verify-attestation", *flags, "--type", KIND, "--output", "json", IMAGE),
    )


def encoded(value: object) -> str:
    return base64.b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).decode()


def statement(kind: object = KIND, digest: str = DIGEST.value, **predicate: object) -> dict[str, object]:
    subject = [{"name": "x", "digest": {"sha256": digest.partition(":")[2]}}]
    return {"predicateType": kind, "subject": subject, "predicate": predicate}


def test_statements_count_by_their_type_and_their_image() -> None:
    said = [statement(a=1), statement("other"), statement(digest=OTHER), {"subject": [1]}, [], statement(a=2)]
    lines = [json.dumps({"payloadType": "x", "payload": encoded(one)}) for one in said]
    printed_lines = ["WARNING: x", *lines, "{not JSON", '{"payload": "!"}', '{"payload": 1}', "{}"]
    assert statements(printed_lines, DIGEST, KIND) == [statement(a=1), statement(a=2)]


CERTIFICATE = b"\x30\x82\x01" + NAME.encode() + b"\x30"


@pytest.mark.parametrize(
    ("material", "trust", "expected"),
    [
        ({"publicKey": {"hint": HINT}}, KEY, True),
        ({"publicKey": {"hint": "other"}}, KEY, False),
        ({"certificate": {"rawBytes": encoded(CERTIFICATE)}}, KEY, False),
        ({"certificate": {"rawBytes": encoded(CERTIFICATE)}}, JOB, True),
        (
            {"certificate": {"rawBytes": encoded(CERTIFICATE)}},
            replace(JOB, identity=f"{NAME[:30]}*main"),
            True,
        ),
        ({"certificate": {"rawBytes": encoded(b"other")}}, JOB, False),
        ({"certificate": {"rawBytes": "!"}}, JOB, False),
        ({"certificate": [1]}, JOB, False),
        ([], JOB, False),
    ],
)
def test_a_bundle_says_whose_it_is(material: object, trust: Trust, expected: bool) -> None:
    payload = {"payload": encoded(statement(a=1))}
    bundle = json.dumps({"verificationMaterial": material, "dsseEnvelope": payload}).encode()
    assert is_by(bundle, trust) is expected
    assert states(bundle, trust, {"a": 1}) is expected
    assert not states(bundle, trust, {"a": 2})


@pytest.mark.parametrize("bundle", [b"", b"{", b"[]", b"{}", b'{"dsseEnvelope": {"payload": "e30="}}'])
def test_odd_bundles_are_nobodys(bundle: bytes) -> None:
    assert not is_by(bundle, KEY) and not states(bundle, JOB, None)


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PEM, PEM),
        (f"Enter password:\n{PEM}\n", PEM),
        (PEM.replace("\n", "\r\n"), PEM),
        (PEM.replace("PUBLIC", "PRIVATE"), ""),
        (PEM.replace("QUJD", "QUJ"), ""),
        ("", ""),
    ],
)
def test_a_public_key_is_found_among_other_lines(text: str, expected: str) -> None:
    assert public_key_in(text) == expected


def test_the_reason_is_found_among_other_lines() -> None:
    said = ["Error: decryption failed", "error during command execution: decryption failed"]
    assert why(said) == "decryption failed"
    assert (why(["a", "last", ""]), why([])) == ("last", "it says nothing")
    assert older_signature(DIGEST).name == f"sha256-{'ab' * 32}.sig"


@pytest.mark.parametrize(
    ("code", "line", "expected"),
    [
        (10, "no signatures found", True),
        (12, "x", True),
        (1, "no matching attestations: expected SAN value a, got b", True),
        (1, "none of the attestations matched the predicate type: a, found: b", True),
        (1, "setting trusted material: getting trusted root from TUF", False),
        (1, "Get https://a.example/v2/: dial tcp: connection refused", False),
        (-9, "", False),
    ],
)
def test_whether_cosign_could_verify_at_all(code: int, line: str, expected: bool) -> None:
    assert none_counts(code, [f"Error: {line}"]) is expected


def test_a_signature_in_words() -> None:
    assert str(Signature("cosign", "k.key", "signed", IMAGE)) == "signed by cosign with k.key"
    assert str(Signature("cosign", "k.key", "already", IMAGE)) == "signed already by cosign with k.key"
    assert str(Signature("cosign", "", "planned", identity="a@b.example")) == (
        "would be signed by cosign as a@b.example"
    )
