"""What does not go together in what is required of an image."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.option import VERIFYING
from ecr_push.settings.checks.check import Check


def required_of_an_image(
    command: str,
    verify_first: bool,
    sign: str,
    require: tuple[str, ...],
    allow_unsigned: bool,
    max_age: float,
    expect_policy: tuple[str, ...],
    expect_source: str,
    expect_commit: str,
    expect_builder: str,
    sign_key: str,
    sign_identity: str,
    sign_issuer: str,
) -> Iterable[tuple[str, str]]:
    """See `checks`."""
    if command == "iam policy" or (command != "verify" and not verify_first):
        return
    whose = "give --sign-key, or --sign-identity and --sign-issuer, or --sign notation"
    if bool(sign_identity) != bool(sign_issuer):
        missing = "sign_issuer" if sign_identity else "sign_identity"
        yield missing, "is required: a signature without a key is by an identity that an issuer vouches for"
    elif not sign_key and not sign_identity and sign != "notation":
        if "signature" in require:
            yield "require", f"whose signature the image must have is not known: {whose}"
        elif "verdict" in require and not allow_unsigned:
            unsigned = "or give --allow-unsigned, which believes everyone who may push to the repository"
            yield "require", f"by whom the verdict must be signed is not known: {whose}; {unsigned}"
    needs: dict[str, dict[str, object]] = {
        "verdict": {"allow_unsigned": allow_unsigned, "max_age": max_age, "expect_policy": expect_policy},
        "provenance": {"expect_source": expect_source, "expect_builder": expect_builder},
    }
    for what, options in needs.items():
        for name in (name for name, value in options.items() if value and what not in require):
            yield name, f"needs --require {','.join((*require, what))}"
    if expect_commit and not {"verdict", "provenance"} & {*require}:
        yield "expect_commit", f"needs --require {','.join((*require, 'verdict'))}"


def what_verifies_the_image(
    command: str,
    verify_first: bool,
    require: tuple[str, ...],
    allow_unsigned: bool,
    max_age: float,
    expect_policy: tuple[str, ...],
    expect_source: str,
    expect_commit: str,
    expect_builder: str,
    sign_key: str,
    sign_identity: str,
    sign_issuer: str,
    sign_trusted_root: str,
) -> Iterable[tuple[str, str]]:
    """See `checks`."""
    if verify_first or command not in VERIFYING - {"verify"}:
        return
    given = {
        "require": set(require) != {"signature", "verdict"},
        "allow_unsigned": allow_unsigned,
        "max_age": max_age,
        "expect_policy": expect_policy,
        "expect_source": expect_source,
        "expect_commit": expect_commit,
        "expect_builder": expect_builder,
        "sign_key": sign_key,
        "sign_identity": sign_identity,
        "sign_issuer": sign_issuer,
        "sign_trusted_root": sign_trusted_root,
    }
    for name in (name for name, value in given.items() if value):
        yield name, "has no effect without --verify, which is what looks at it"


CHECKS: tuple[Check, ...] = (required_of_an_image, what_verifies_the_image)
