from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.settings import problems, problems_of, value


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("expect_source", "https://github.com/acme/app.git", "https://github.com/acme/app"),
        ("expect_source", "git@github.com:acme/app.git", "https://github.com/acme/app"),
        ("expect_source", "github.com/acme/app", "https://github.com/acme/app"),
        ("expect_commit", "AB" * 20, "ab" * 20),
        ("max_age", "30d", 30 * 86_400.0),
        ("require", ["verdict", "provenance"], ("verdict", "provenance")),
    ],
)
def test_values(name: str, given: object, expected: object) -> None:
    assert value(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("expect_source", "./app", "'./app' is not a repository's address"),
        ("expect_commit", "abc123", "'abc123' is not a commit: expected all its 40 or 64 digits"),
        ("expect_policy", ["299293fe"], "'299293fe' is not a valid hash of a policy: expected sha256:…"),
        ("require", ["signatur"], "'signatur' is not one of signature, verdict, provenance"),
    ],
)
def test_mistakes(name: str, given: object, text: str) -> None:
    assert text in problems_of(name, given)


_GIVE = "give --sign-key, or --sign-identity and --sign-issuer, or --sign notation"
_VOUCHES = "a signature without a key is by an identity that an issuer vouches for"
WHO = {"sign_key": "cosign.pub"}


@pytest.mark.parametrize(
    ("flags", "texts"),
    [
        (WHO, []),
        ({"sign": "notation"}, []),
        (
            {"sign": "notation", **WHO},
            ["--sign-key: is not used to verify with --sign notation: its trust policy is"],
        ),
        ({"sign_identity": "https://a.example/b", "sign_issuer": "https://c.example"}, []),
        ({"require": ("verdict",), "allow_unsigned": True}, []),
        ({"require": ("provenance",)}, []),
        (
            {},
            [f"--require: whose signature the image must have is not known: {_GIVE}"],
        ),
        (
            {"sign_issuer": "https://c.example"},
            [f"--sign-identity: is required: {_VOUCHES}"],
        ),
        (
            {**WHO, "require": ("signature",), "max_age": "1d", "expect_commit": "0" * 40},
            [
                "--max-age: needs --require signature,verdict",
                "--expect-commit: needs --require signature,verdict",
            ],
        ),
        (
            {**WHO, "expect_source": "github.com/a/b", "expect_builder": "x"},
            [
                "--expect-source: needs --require signature,verdict,provenance",
                "--expect-builder: needs --require signature,verdict,provenance",
            ],
        ),
    ],
)
def test_what_does_not_go_together(flags: dict[str, object], texts: list[str], tmp_path: Path) -> None:
    assert list(problems(tmp_path, flags=flags, command="verify")) == texts
