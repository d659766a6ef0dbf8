from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.settings import problems, problems_of, value


@pytest.mark.parametrize(
    "key", ["cosign.key", "./keys/a.key", "env://KEY", "awskms:///alias/release", "gcpkms://projects/a"]
)
def test_keys(key: str) -> None:
    assert value("sign_key", key) == key


@pytest.mark.parametrize(
    "name", ["a@b.example", "https://github.com/acme/app/.github/workflows/*@refs/tags/v*", "spiffe://a/b"]
)
def test_identities(name: str) -> None:
    assert value("sign_identity", name) == name


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("sign", "gpg", "'gpg' is not a valid way to sign: expected cosign, keyless or notation"),
        ("sign_identity", "*", "'*' is not an identity: expected the name in the certificate"),
        ("sign_identity", "https://*", "'https://*': a * may not stand in the host"),
        ("sign_identity", "https://*/acme/app", "'https://*/acme/app': a * may not stand in the host"),
        ("sign_identity", "two words", "'two words' is not an identity"),
        ("sign_issuer", "https://a.example/*", "is not a valid issuer"),
        (
            "sign_issuer",
            "a.example",
            "'a.example' is not a valid issuer: expected the address of an OIDC issuer",
        ),
        (
            "sign_key",
            "pkcs11://x?pin-value=1",
            "pkcs11:// is not a store of keys: expected a file, or env://",
        ),
        ("sign_key", "https://a.example/k", "https:// is not a store of keys"),
        ("sign_key", "env://", "'env://' names no key"),
        ("sign_key", "env://A-B", "'A-B' is not the name of a variable"),
        ("sign_key", "-k", "'-k' is not a file: write ./-k"),
    ],
)
def test_mistakes(name: str, given: str, text: str) -> None:
    assert text in problems_of(name, given)


_ITS_POLICY = "its trust policy says whose signatures count"


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"sign_key": "k.key"}, "--sign-key: is for --sign cosign: give that too"),
        (
            {"sign_identity": "https://a.example/b"},
            "--sign-identity: is for --sign keyless: give that too",
        ),
        (
            {"sign": "cosign"},
            "--sign: cosign needs a key: give --sign-key too, or --sign keyless to sign as the CI's job",
        ),
        (
            {"sign": "keyless", "sign_key": "k.key"},
            "--sign: keyless signs without a key: leave out --sign-key, or give --sign cosign",
        ),
        (
            {"sign": "cosign", "sign_key": "k.key", "sign_issuer": "https://a.example"},
            "--sign-issuer: contradicts --sign-key: a signature is by a key, or by an identity",
        ),
        (
            {"sign": "notation"},
            "--sign: notation needs a key: give --sign-key too, a name or PLUGIN/KEY-ID",
        ),
        (
            {"sign": "notation", "sign_key": "a", "sign_trusted_root": "r.json"},
            f"--sign-trusted-root: is for cosign, not for --sign notation: {_ITS_POLICY}",
        ),
        (
            {"sign": "keyless", "sign_config": "c.json"},
            "--sign-config: needs --sign-trusted-root, to verify what these services have signed",
        ),
        (
            {"sign": "cosign", "sign_key": "k.key", "call": "check"},
            "--sign: has no effect with --call check, which builds nothing",
        ),
    ],
)
def test_what_does_not_go_together(flags: dict[str, object], text: str, tmp_path: Path) -> None:
    assert list(problems(tmp_path, flags=flags)) == [text]
