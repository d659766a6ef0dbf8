"""The JSON Schema of the result document, which `ecr-push schema --result` prints.

It is written by hand, because it describes the values; a test compares it with `document`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import STATUSES, Status
from ecr_push.policy.verdict import ExceptionState, Treatment
from ecr_push.registry.interface import ScanMode
from ecr_push.report.document import DOCUMENT_VERSION
from ecr_push.source.git.tag import Tagged
from ecr_push.tags.kinds import TagKind
from ecr_push.versions.options import Strategy

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_YES_OR_NO: Schema = {"type": "boolean"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_DIGEST: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_SEVERITY: Schema = {"enum": [one.name for one in reversed(Severity)]}


def result_schema() -> dict[str, Any]:
    """Returns the schema. Every key is always present; readers must ignore keys that are added later."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The result document of ecr-push",
        **_object(
            {
                "documentVersion": {"const": DOCUMENT_VERSION},
                "status": _described(
                    {"enum": list(get_args(Status))},
                    "; ".join(f"{word}: {meaning}" for word, meaning in STATUSES.items()) + ".",
                ),
                "exitCode": _COUNT,
                "checked": _described(
                    _or_null(_TEXT), "Why the image was only built and checked, not pushed; otherwise null."
                ),
                "sandbox": _described(
                    _YES_OR_NO, "Whether the registry was a sandbox on this machine, not AWS."
                ),
                "repository": _or_null(_TEXT),
                "image": _or_null(_IMAGE),
                "candidate": _described(
                    _or_null(_TEXT), "The candidate's tag, if it was kept for inspection."
                ),
                "createdRepository": _or_null(_TEXT),
                "source": _or_null(_SOURCE),
                "version": _or_null(_TEXT),
                "tags": _list(_TAG),
                "gitTag": _described(
                    _or_null(_GIT_TAG), "The git tag that the run created for the release, if any."
                ),
                "scan": _or_null(_SCAN),
                "verdict": _or_null(_VERDICT),
                "rollback": _described(_or_null(_ROLLBACK), "The result of `ecr-push rollback`."),
                "failure": _or_null(_FAILURE),
                "seconds": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
                "tool": _object({"name": _TEXT, "version": _or_null(_TEXT)}),
                "run": _object(
                    {"startedAt": _or_null(_MOMENT), "url": _or_null(_TEXT), "actor": _or_null(_TEXT)}
                ),
            }
        ),
    }


def _object(keys: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "required": list(keys), "properties": dict(keys)}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _or_null(of: Schema) -> Schema:
    if "enum" in of:
        return {"enum": [*of["enum"], None]}
    return {**of, "type": [of["type"], "null"]}


def _described(of: Schema, what: str) -> Schema:
    return {**of, "description": what}


_IMAGE = _object(
    {
        "reference": _described(_TEXT, "The image, named by its digest: what to deploy."),
        "registry": _TEXT,
        "repository": _TEXT,
        "digest": _DIGEST,
        "isIndex": _YES_OR_NO,
        "reused": _described(_YES_OR_NO, "Whether an earlier run pushed it."),
        "platforms": _list(_object({"digest": _DIGEST, "platform": _or_null(_TEXT)})),
    }
)
_SOURCE = _object(
    {
        "commit": _described(_TEXT, "The commit that the image is for; of a pull request, its head commit."),
        "builtFrom": _described(
            _TEXT, "The commit in the work tree; of a pull request possibly a merge commit."
        ),
        "committedAt": _MOMENT,
        "branch": _or_null(_TEXT),
        "gitTag": _or_null(_TEXT),
        "distance": _COUNT,
        "versionStrategy": {"enum": list(get_args(Strategy))},
        "versionScheme": _TEXT,
        "fullVersion": _described(
            _or_null(_TEXT), "The version with build metadata, which an image tag cannot contain."
        ),
        "dirty": _YES_OR_NO,
        "why": _described(_TEXT, "Why the version is what it is."),
    }
)
_GIT_TAG = _object({"name": _TEXT, "commit": _TEXT, "result": {"enum": list(get_args(Tagged))}})
_NAMED = _object({"digest": _DIGEST, "name": _or_null(_TEXT)})
_ROLLBACK = _object({"tag": _TEXT, "before": _NAMED, "after": _NAMED, "judged": _YES_OR_NO})
_TAG = _object(
    {
        "tag": _TEXT,
        "kind": {"enum": [one.value for one in TagKind]},
        "before": _described(_or_null(_DIGEST), "Where it pointed before this run."),
        "result": {"enum": ["moved", "already", "kept", "planned", "pending"]},
        "reason": _or_null(_TEXT),
    }
)
_PACKAGE = _object(
    {
        "name": _TEXT,
        "version": _or_null(_TEXT),
        "fixedIn": _or_null(_TEXT),
        "manager": _described(_or_null(_TEXT), "Amazon Inspector's packageManager."),
        "path": _or_null(_TEXT),
        "layer": _described(_or_null(_TEXT), "Digest of the layer that contains it."),
    }
)
_FINDING = _object(
    {
        "id": _TEXT,
        "severity": _SEVERITY,
        "package": _or_null(_TEXT),
        "version": _or_null(_TEXT),
        "fixedIn": _or_null(_TEXT),
        "score": _described(_or_null({"type": "number", "minimum": 0, "maximum": 10}), "CVSS."),
        "title": _or_null(_TEXT),
        "uri": _or_null(_TEXT),
        "description": _or_null(_TEXT),
        "packages": _list(_PACKAGE),
        "epss": _described(
            _or_null({"type": "number", "minimum": 0, "maximum": 1}),
            "Probability of exploitation within 30 days: https://www.first.org/epss/.",
        ),
        "exploited": _described(
            _or_null(_YES_OR_NO), "Whether an exploit is known; null if the scan does not report it."
        ),
        "fix": _described(_or_null(_TEXT), "Amazon Inspector's fixAvailable: YES, NO or PARTIAL."),
        "fixable": _described(
            _or_null(_YES_OR_NO), "Whether an update fixes it; null if the scan does not report it."
        ),
        "aliases": _list(_TEXT),
        "firstSeen": _described(_or_null(_TEXT), "When Inspector first saw it in this image."),
    }
)
_SCAN = _object(
    {
        "mode": {"enum": list(get_args(ScanMode))},
        "platforms": _list(
            _object(
                {
                    "digest": _DIGEST,
                    "platform": _or_null(_TEXT),
                    "status": _described(_TEXT, "The status of the scan as ECR reports it."),
                    "completedAt": _or_null(_TEXT),
                    "unscannable": _described(_or_null(_TEXT), "Why ECR cannot scan this image."),
                    "note": _described(
                        _or_null(_TEXT), "A remark about the age or the reliability of the scan result."
                    ),
                    "counts": {"type": "object", "propertyNames": _SEVERITY, "additionalProperties": _COUNT},
                    "findings": _list(_FINDING),
                }
            )
        ),
    }
)
_RULE = _object(
    {
        "rule": _TEXT,
        "platform": _or_null(_TEXT),
        "allowed": _COUNT,
        "counted": _described(
            _COUNT, "May be more than the listed findings, because ECR may count more than it lists."
        ),
        "passed": _YES_OR_NO,
        "total": _described(
            _YES_OR_NO, "Whether it counts the findings of all platforms together, each once."
        ),
    }
)
_EXCEPTION = _object(
    {
        "exception": _described(_TEXT, "What it accepts, in words."),
        "state": _described(
            {"enum": list(get_args(ExceptionState))},
            "used; unused: it matches nothing; expired: its date is past; outgrown: a fix is available.",
        ),
        "reason": _or_null(_TEXT),
        "owner": _or_null(_TEXT),
        "until": _or_null(_TEXT),
        "matched": _COUNT,
        "where": _described(_or_null(_TEXT), "Its file and line."),
    }
)
_JUDGED = _object(
    {
        "platform": _or_null(_TEXT),
        "id": _TEXT,
        "severity": _SEVERITY,
        "package": _or_null(_TEXT),
        "version": _or_null(_TEXT),
        "treatment": {"enum": [one.value for one in Treatment]},
        "by": _described(_TEXT, "The rule, exception or document that decided."),
    }
)
_VERDICT = _object(
    {
        "accepted": _YES_OR_NO,
        "rules": _list(_RULE),
        "deciding": _described(
            _list(_FINDING), "The findings that caused a refusal, each once, worst first."
        ),
        "warnings": _list(_TEXT),
        "errors": _described(_list(_TEXT), "Reasons for a refusal other than findings."),
        "exceptions": _list(_EXCEPTION),
        "baseline": _described(_or_null(_TEXT), "The image that known findings were compared with."),
        "gone": _described(_list(_FINDING), "Findings of the baseline that this image no longer has."),
        "policy": _list(_TEXT),
        "judged": _described(
            _list(_JUDGED), "Every finding of every platform, once each, with the decision on it."
        ),
    }
)
_FAILURE = _object(
    {
        "phase": _TEXT,
        "kind": _TEXT,
        "what": _TEXT,
        "why": _TEXT,
        "remedy": _TEXT,
        "exit_code": _COUNT,
    }
)
