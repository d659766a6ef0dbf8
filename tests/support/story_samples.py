"""The story of an image made by hand, with an entry of each kind."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from ecr_push.pipeline.story.model import KINDS, Entry, Kind, Story
from tests.support.trail import KIM, ROLE

NOW = datetime(2026, 11, 30, 20, 0, tzinfo=timezone.utc)
WHAT: dict[Kind, str] = {
    "pushed": "candidate-4f1e2d3c4b5a-7",
    "judged": "accepted by the policy sha256:fd61a03af4f7, 2 medium, 1 exception",
    "tagged": "1.4.2",
    "left": "latest went to sha256:60303ae22b99",
    "attached": "the statement of its verdict",
    "untagged": "candidate-4f1e2d3c4b5a-7",
    "deleted": "1.4.2, its last tag: ECR deletes an image with that",
    "expired": "by a lifecycle policy, with its tags 1.4.2",
    "stored": "archive",
    "repository": "its tags were made IMMUTABLE",
}
NOTE = "set before the scan ended by which it was judged"
STORY = Story(
    f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop@sha256:{'9' * 64}",
    "1.4.2",
    "4f1e2d3c4b5a" + "0" * 28,
    ("1.4.2", "latest"),
    NOW - timedelta(days=2),
    tuple(
        Entry(
            NOW - timedelta(days=2, minutes=-place),
            kind,
            WHAT[kind],
            "" if kind == "judged" else KIM if kind == "left" else ROLE,
            "" if kind == "judged" else "ecr-push, 192.0.2.7",
            NOTE if kind == "tagged" else "",
        )
        for place, kind in enumerate(KINDS)
    ),
    ("CloudTrail: AWS refused cloudtrail:LookupEvents: AccessDeniedException",),
)
