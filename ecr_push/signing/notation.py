"""What notation is asked to do, and what of its answers counts. Pure.

Its signatures are artifacts whose subject is what they sign, which its trust policy verifies:
https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

SIGNATURE = "application/vnd.cncf.notary.signature"
# Without it notation keeps signatures under a tag, which a repository with immutable tags takes once.
REFERRERS = "--force-referrers-tag"
AWS = "com.amazonaws."  # how the names of AWS's plugins begin
_VERIFIED = "Successfully verified signature for "
_NONE_COUNTS = "signature verification failed for all the signatures associated with "
# Of a level of the trust policy that only logs what fails.
_ONLY_LOGGED = 'was set to "log" and failed'


def plugin_of(key: str) -> str:
    """The plugin in PLUGIN/KEY-ID; "" for the name of a key."""
    return key.partition("/")[0] if "/" in key else ""


def sign_argv(key: str, reference: str, *, plain_http: bool) -> tuple[str, ...]:
    plugin = plugin_of(key)
    whose = ("--plugin", plugin, "--id", key.partition("/")[2]) if plugin else ("--key", key)
    return "notation", "sign", *whose, f"{REFERRERS}=false", *_http(plain_http), reference


def verify_argv(reference: str, *, plain_http: bool) -> tuple[str, ...]:
    return "notation", "verify", *_http(plain_http), reference


def is_verified(output: Sequence[str]) -> bool:
    """Whether notation, which exited with 0, has verified a signature.

    A trust policy may skip that, or only log what fails, with the same exit code.
    """
    return any(line.startswith(_VERIFIED) for line in output) and not any(
        _ONLY_LOGGED in line for line in output
    )


def none_counts(output: Sequence[str]) -> bool:
    """Whether notation has read the signatures, and the trust policy accepts none of them."""
    return any(_NONE_COUNTS in line for line in output)


def names_in(table: Sequence[str]) -> frozenset[str]:
    """The first column of what `notation key ls` and `notation plugin ls` print; `* ` marks the default."""
    return frozenset(words[0] for line in table[1:] if (words := line.removeprefix("* ").split()))


def why(output: Sequence[str]) -> str:
    """What notation says of its failure."""
    said = [line.removeprefix("Error: ") for line in output if line.startswith("Error: ")]
    return (said or [line for line in output if line.strip()] or ["it says nothing"])[-1]


def _http(plain: bool) -> Iterator[str]:
    if plain:
        yield "--insecure-registry"
