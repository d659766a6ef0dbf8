from __future__ import annotations

import pytest

from ecr_push.signing.notation import (
    is_verified,
    names_in,
    none_counts,
    plugin_of,
    sign_argv,
    verify_argv,
    why,
)

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:" + "ab" * 32
PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release"


def test_what_notation_is_asked() -> None:
    assert sign_argv("release", IMAGE, plain_http=False) == (
        *("notation", "sign", "--key", "release", "--force-referrers-tag=false", IMAGE),
    )
    key = f"com.amazonaws.signer.notation.plugin/{PROFILE}"
    assert plugin_of(key) == "com.amazonaws.signer.notation.plugin" and plugin_of("release") == ""
    assert sign_argv(key, IMAGE, plain_http=True) == (
        *("notation", "sign", "--plugin", plugin_of(key), "--id", PROFILE),
        *("--force-referrers-tag=false", "--insecure-registry", IMAGE),
    )
    assert verify_argv(IMAGE, plain_http=False) == ("notation", "verify", IMAGE)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ([f"Successfully verified signature for {IMAGE}"], True),
        (["Warning: x", f"Successfully verified signature for {IMAGE}", ""], True),
        ([f"Trust policy is configured to skip signature verification for {IMAGE}"], False),
        (
            [
                'Warning: authenticity was set to "log" and failed with error: not by a trusted signer',
                f"Successfully verified signature for {IMAGE}",
            ],
            False,
        ),
        ([], False),
    ],
)
def test_an_exit_code_of_0_is_not_enough(output: list[str], expected: bool) -> None:
    assert is_verified(output) is expected


def test_a_failure_says_whether_any_signature_was_read() -> None:
    failed = f"Error: signature verification failed for all the signatures associated with {IMAGE}"
    unreachable = "Error: signature verification failed: GET https://a.example: response status code 500"
    assert none_counts([failed]) and not none_counts([unreachable]) and not none_counts([])
    assert why(["x", failed]) == failed.removeprefix("Error: ")
    assert (why(["a", ""]), why([])) == ("a", "it says nothing")


def test_the_names_of_keys() -> None:
    table = ["NAME        KEY PATH   ID", "* release   /a/b.key", "other       /c.key", ""]
    assert names_in(table) == {"release", "other"}
    assert names_in([]) == names_in(["NAME"]) == frozenset()
