"""Pre-releases as Semantic Versioning has them, behind any numbers: `rc.1`, `dev.5`."""

from __future__ import annotations

from ecr_push.base.regex import lazy_regex

_CHANNEL = lazy_regex(r"[A-Za-z][0-9A-Za-z-]*")


def between(last: str, channel: str, distance: int) -> str:
    """The pre-release distance commits after another one, or after a final version (last is "").

    | last | channel | of 3 commits |
    |------|---------|--------------|
    |      | dev     | dev.3        |
    | rc.1 | dev     | rc.1.dev.3   |
    | rc.1 | rc      | rc.1.3       |
    | beta | dev     | beta.0.dev.3 |

    `beta.0.dev.3`: what ends in no number gets one, since `beta.dev.3` would sort above a coming `beta.1`.
    """
    check_channel(channel)
    if not last:
        return f"{channel}.{distance}"
    stem = last if last[-1].isdigit() else f"{last}.0"
    words = [word for word in last.split(".") if not word.isdigit()]
    own = bool(words) and words[-1].rstrip("0123456789") == channel
    return f"{stem}.{distance}" if own else f"{stem}.{channel}.{distance}"


def check_channel(channel: str) -> None:
    """Raises ValueError where a channel cannot stand in a version."""
    if not _CHANNEL.fullmatch(channel):
        raise ValueError(
            f"{channel!r} is not a valid channel: expected a word of letters, digits and '-' "
            "that begins with a letter, such as dev or rc"
        )
