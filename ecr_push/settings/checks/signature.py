"""What does not go together with a signature."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.option import VERIFYING


def signature_of_an_image(
    command: str,
    call: str,
    sign: str,
    sign_key: str,
    sign_identity: str,
    sign_issuer: str,
    sign_config: str,
    sign_trusted_root: str,
) -> Iterable[tuple[str, str]]:
    """See `checks`."""
    given = {
        "sign_key": sign_key,
        "sign_identity": sign_identity,
        "sign_issuer": sign_issuer,
        "sign_config": sign_config,
        "sign_trusted_root": sign_trusted_root,
    }
    verifies = command in VERIFYING
    if not sign and not verifies and command != "iam policy":  # the policy may be that of `verify`
        for name in (name for name, value in given.items() if value):
            yield name, f"is for --sign {'cosign' if name == 'sign_key' else 'keyless'}: give that too"
    for name in ("sign_identity", "sign_issuer"):
        if sign_key and given[name]:
            yield name, "contradicts --sign-key: a signature is by a key, or by an identity"
    if sign == "notation":
        for name in (name for name, value in given.items() if value and name != "sign_key"):
            yield name, "is for cosign, not for --sign notation: its trust policy says whose signatures count"
        if verifies and sign_key:
            yield "sign_key", "is not used to verify with --sign notation: its trust policy is"
        elif not verifies and not sign_key:
            yield "sign", "notation needs a key: give --sign-key too, a name or PLUGIN/KEY-ID"
    if sign == "cosign" and not sign_key and not verifies:
        yield "sign", "cosign needs a key: give --sign-key too, or --sign keyless to sign as the CI's job"
    if sign == "keyless" and sign_key and not verifies:
        yield "sign", "keyless signs without a key: leave out --sign-key, or give --sign cosign"
    if sign_config and not sign_trusted_root:
        yield "sign_config", "needs --sign-trusted-root, to verify what these services have signed"
    if sign and call == "check":
        yield "sign", "has no effect with --call check, which builds nothing"
