"""Parts of an outcome, small enough for an event, a line of a log, or an audit record. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ecr_push.base.severity import Severity
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import Verdict
from ecr_push.report.document import counts
from ecr_push.report.document_tags import destination, tags

MOST = 50  # of any list
MOST_ELSEWHERE = 20  # other repositories, and tags of each


def findings(outcome: Outcome) -> Mapping[str, int] | None:
    """By severity, those of all platforms added up; None where nothing was scanned."""
    if outcome.scan is None:
        return None
    found = Counter[Severity]()
    for platform in outcome.scan.platforms:
        found.update(platform.counts)
    return counts(found)


def repository_name(outcome: Outcome) -> str:
    """Its name, as AWS or at least the user gave it; "" where neither did."""
    return outcome.repository.name if outcome.repository else outcome.run.repository


def image(outcome: Outcome) -> dict[str, Any]:
    """Which image it is about, by every name; null where it is not known."""
    pushed, plan = outcome.pushed, outcome.plan
    return {
        "repository": outcome.repository.uri if outcome.repository else None,
        "repositoryName": repository_name(outcome) or None,
        "digest": pushed.digest.value if pushed else None,
        "reference": pushed.reference if pushed else None,
        "bytes": outcome.size or None,
        "version": (plan.version.text or None) if plan else None,
        "commit": plan.source.commit if plan else None,
        "branch": (plan.source.branch or None) if plan else None,
    }


def moved_tags(outcome: Outcome, most: int | None = MOST) -> list[dict[str, Any]]:
    """Each tag, where it was, and what became of it. most: None for all, as an audit keeps them."""
    return _short(tags(outcome), most)


def destinations(outcome: Outcome, most: int | None = MOST_ELSEWHERE) -> list[dict[str, Any]]:
    """The other repositories, with what became of the tags there. most: of both; None for all."""
    found = [destination(one, outcome) for one in outcome.destinations[:most]]
    names = ("repository", "result")
    return [{**{name: one[name] for name in names}, "tags": _short(one["tags"], most)} for one in found]


def _short(whole: list[dict[str, Any]], most: int | None) -> list[dict[str, Any]]:
    names = ("tag", "before", "result")
    return [{name: one[name] for name in names} for one in whole[:most]]


def failure(failed: Failure | None) -> dict[str, Any] | None:
    return {"phase": failed.phase, "kind": failed.kind, "what": failed.what} if failed else None


def verdict(found: Verdict, policy: str) -> dict[str, Any]:
    """policy: the digest of the one in effect; "" where it is not known."""
    return {
        "accepted": found.accepted,
        "observe": found.observe,
        "broken": [one.text for one in found.broken[:MOST]],
        "exceptions": sum(one.matched > 0 for one in found.exceptions),
        "policy": policy or None,
    }


def used_exceptions(found: Verdict | None) -> list[dict[str, Any]]:
    """Those that excluded a finding: an audit keeps all of them."""
    return [
        {
            "exception": one.text,
            "reason": one.reason or None,
            "owner": one.owner or None,
            "until": one.until or None,
            "matched": one.matched,
        }
        for one in (found.exceptions if found else ())
        if one.matched
    ]


def rollback(outcome: Outcome) -> dict[str, Any] | None:
    """The tag that went back, with the images by digest and name."""
    found = outcome.rollback
    if found is None:
        return None
    sides = {"before": found.before, "after": found.after}
    named = {side: {"digest": one.digest.value, "name": one.name or None} for side, one in sides.items()}
    return {"tag": found.tag.tag.name, **named}


def json_line(content: Mapping[str, Any]) -> str:
    """One line of JSON, without its end."""
    return json.dumps(content, separators=(",", ":"))
