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
    ("name", "given", "text"),
    [
        ("sign", "notation", "'notation' is not a valid way to sign: expected cosign"),
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


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"sign_key": "k.key"}, "--sign-key: is for --sign cosign: give that too"),
        ({"sign": "cosign"}, "--sign: needs a key: give --sign-key too"),
        (
            {"sign": "cosign", "sign_key": "k.key", "call": "check"},
            "--sign: has no effect with --call check, which builds nothing",
        ),
    ],
)
def test_what_does_not_go_together(flags: dict[str, object], text: str, tmp_path: Path) -> None:
    assert list(problems(tmp_path, flags=flags)) == [text]
