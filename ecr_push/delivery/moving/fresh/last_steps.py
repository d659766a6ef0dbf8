"""What is left to do on any CI, a sentence each. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.delivery.moving.fresh.wanted import Wanted

TAGS = "`ecr-push tags` shows version and tags"


def last_steps(wanted: Wanted, creates: str, observes: str, shows: str = TAGS) -> Iterator[str]:
    """In their order.

    creates:  what creates a missing repository, in the words of the CI. observes: what keeps the gate from
              refusing an image, and where it stands. shows: what shows what a run would do.
    """
    if not wanted.has_settings:
        names = ", ".join(one.repository for one in wanted.images)
        yield f"check the repository ({names}) and the region; {creates} creates a missing one"
    yield f"try it here: {shows}, and `ecr-push run --sandbox` needs no AWS"
    if not wanted.gate:
        yield (
            f"read the first reports, then remove {observes}: from then on a finding of HIGH or worse "
            "refuses an image"
        )
