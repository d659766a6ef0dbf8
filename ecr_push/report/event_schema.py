"""The JSON Schemas of the events' details: see `event` and `copy_notice`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecr_push.base.option import COPYING, DEPLOYING
from ecr_push.report.copy_notice import COPY
from ecr_push.report.copy_notice import SENT as COPY_SENT
from ecr_push.report.deployment import DEPLOYMENT as DEPLOYED
from ecr_push.report.event import DEPLOYMENT, DEPLOYMENT_SENT, DETAIL_TYPE, SENT
from ecr_push.report.notice import SOURCE, VERSION
from ecr_push.report.schema_terms import (
    COUNT,
    DIGEST,
    SECONDS,
    SEVERITY,
    TEXT,
    YES_OR_NO,
    Schema,
    described,
    list_of,
    object_of,
    or_null,
)
from ecr_push.report.verification import VERIFICATION

_COUNTS: Schema = {"type": "object", "propertyNames": SEVERITY, "additionalProperties": COUNT}
_TAG = object_of(
    {
        "tag": TEXT,
        "before": described(or_null(DIGEST), "Where it pointed."),
        "result": described(
            {"enum": ["moved", "already", "kept", "planned", "pending"]},
            "already: it pointed to the image; kept: it stays where it is; pending: the run ended first.",
        ),
    }
)
_NAMED = object_of({"digest": DIGEST, "name": or_null(TEXT)})
_ENVELOPE: Mapping[str, Schema] = {
    "schemaVersion": {"const": VERSION},
    "id": described(
        {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "The same for a command that is repeated and comes to the same.",
    ),
    "command": TEXT,
    "status": TEXT,
    "exitCode": COUNT,
    "changed": YES_OR_NO,
    "sandbox": YES_OR_NO,
    "repository": described(
        or_null(TEXT), "Its URI; null for a command that failed before AWS was asked for it."
    ),
    "repositoryName": described(or_null(TEXT), "Its name; for such a command as it was given."),
    "digest": or_null(DIGEST),
    "reference": described(or_null(TEXT), "REPOSITORY@DIGEST."),
    "bytes": described(
        or_null(COUNT), "Of its layers, as the registry stores them; null where unknown, as of an index."
    ),
    "version": or_null(TEXT),
    "commit": or_null(TEXT),
    "branch": or_null(TEXT),
    "failure": or_null(object_of({"phase": TEXT, "kind": TEXT, "what": TEXT})),
    "seconds": SECONDS,
    "run": object_of({"url": or_null(TEXT), "actor": or_null(TEXT)}),
    "tool": object_of({"name": {"const": "ecr-push"}, "version": or_null(TEXT)}),
}
_VERDICT = object_of(
    {
        "accepted": YES_OR_NO,
        "observe": YES_OR_NO,
        "broken": described(list_of(TEXT), "Rules that are broken, in words."),
        "exceptions": described(COUNT, "How many exceptions excluded a finding."),
        "policy": described(or_null(DIGEST), "Of the policy in effect."),
    }
)


def event_schema() -> dict[str, Any]:
    """Of a run, and of what judges an image or moves its tags."""
    return _schema(
        DETAIL_TYPE,
        ("run", "scan", "promote", "rollback"),
        SENT,
        "Whether this run moved a tag, or ended while it moved one.",
        {
            "tags": list_of(_TAG),
            "destinations": described(
                list_of(object_of({"repository": TEXT, "result": TEXT, "tags": list_of(_TAG)})),
                "The repositories of --to, and what became of the tags there.",
            ),
            "findings": described(or_null(_COUNTS), "By severity; null where nothing was scanned."),
            "verdict": or_null(_VERDICT),
            "rollback": or_null(object_of({"tag": TEXT, "before": _NAMED, "after": _NAMED})),
        },
    )


def deployment_schema() -> dict[str, Any]:
    """Of `deploy`."""
    return _schema(
        DEPLOYMENT,
        sorted(DEPLOYING),
        DEPLOYMENT_SENT,
        "Whether what runs the image was changed, or may have been where it stopped.",
        {
            "to": described(
                {"type": "object", "additionalProperties": TEXT},
                "What gets the image, by the options that name it: cluster, service, function and so on.",
            ),
            "deployment": described(or_null(DEPLOYED), "null where it stopped before it was known."),
            "verification": described(
                or_null(VERIFICATION), "What --verify found; null where it was not asked for."
            ),
        },
    )


def copy_schema() -> dict[str, Any]:
    """Of `copy` and `mirror`: an image, or several of one repository, in one repository that gets them."""
    return _schema(
        COPY,
        sorted(COPYING),
        COPY_SENT,
        "Whether anything was put or tagged there, or may have been where it stopped.",
        {
            "source": described(TEXT, "What was copied, as it was named."),
            "required": described(YES_OR_NO, "Whether the command fails without it."),
            "created": described(YES_OR_NO, "Whether the repository was made."),
            "images": described(list_of(DIGEST), "The images; what belongs to them is not listed."),
            "tags": list_of(
                object_of(
                    {
                        "tag": TEXT,
                        "digest": DIGEST,
                        "before": described(or_null(DIGEST), "Where it pointed."),
                        "result": described(
                            {"enum": ["set", "moved", "already", "kept", "refused", "pending"]},
                            "already: it pointed to the image; kept: it stays where it is; refused: the "
                            "image was; pending: the copy ended first.",
                        ),
                    }
                )
            ),
            "sentBytes": described(COUNT, "Of the layers that were sent."),
            "verdicts": described(
                list_of(object_of({"digest": DIGEST, **_VERDICT["properties"]})),
                "Of each image that --judge has judged.",
            ),
        },
    )


def _schema(
    detail_type: str,
    commands: Sequence[str],
    statuses: Iterable[str],
    changed: str,
    more: Mapping[str, Schema],
) -> dict[str, Any]:
    own: Mapping[str, Schema] = {
        "command": {"enum": list(commands)},
        "status": {"enum": sorted(statuses)},
        "changed": described(YES_OR_NO, changed),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The detail of an event of {SOURCE}, of the detail-type {detail_type}",
        **object_of({**_ENVELOPE, **own, **more}),
    }
