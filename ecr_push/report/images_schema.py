"""The JSON Schema of the document of several images, which `ecr-push schema --images` prints.

It is written by hand, because it describes the values; a test compares it with what `images` renders.
"""

from __future__ import annotations

from typing import Any, get_args

from ecr_push.pipeline.outcome import Status
from ecr_push.report.document import DOCUMENT_VERSION
from ecr_push.report.document_schema import result_schema
from ecr_push.report.images import SKIPPED, UNCHANGED
from ecr_push.report.schema_terms import COUNT, SECONDS, TEXT, described, list_of, object_of, or_null

_STATUSES = [*get_args(Status), UNCHANGED]
_IMAGE = object_of(
    {
        "name": described(TEXT, "As ecr-push.yml lists it."),
        "status": described(
            {"enum": [*_STATUSES, SKIPPED]},
            "That of its run; unchanged: it did not have to run; skipped: it needs another that did not "
            "end well, or the command was interrupted before.",
        ),
        "exitCode": described(COUNT, "Of its run; 0 for an image that did not run."),
        "why": described(TEXT, "Why it ran, or did not."),
        "tag": described(
            or_null(TEXT), "Of an unchanged image the tag that it has in the registry, where that is known."
        ),
        "image": described(or_null(TEXT), "REPOSITORY@DIGEST of an image that this run released."),
        "seconds": SECONDS,
        "result": described(
            {"anyOf": [{"$ref": "#/$defs/result"}, {"type": "null"}]},
            "The result document of its run; null where it did not run, or wrote none.",
        ),
    }
)


def images_schema() -> dict[str, Any]:
    """Returns the schema. Every key is always present; readers must ignore keys that are added later."""
    result = result_schema()
    return {
        "$schema": result.pop("$schema"),
        "title": "The result document of ecr-push for several images",
        **object_of(
            {
                "documentVersion": {"const": DOCUMENT_VERSION},
                "status": described(
                    {"enum": _STATUSES},
                    "That of the image that decided on the exit code; unchanged: no image had to run.",
                ),
                "exitCode": COUNT,
                "images": described(list_of(_IMAGE), "In the order of ecr-push.yml."),
            }
        ),
        "$defs": {"result": result},
    }
