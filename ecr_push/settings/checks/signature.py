"""What does not go together with a signature."""

from __future__ import annotations

from collections.abc import Iterable


def signature_of_an_image(call: str, sign: str, sign_key: str) -> Iterable[tuple[str, str]]:
    """See `checks`."""
    if sign_key and not sign:
        yield "sign_key", "is for --sign cosign: give that too"
    if sign and not sign_key:
        yield "sign", "needs a key: give --sign-key too"
    if sign and call == "check":
        yield "sign", "has no effect with --call check, which builds nothing"
