"""What `ecr-push deploy` did -> lines of reports, a part of the result document, and its schema. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecr_push.pipeline.deployment import RESULTS, Deployment
from ecr_push.report.schema_terms import TEXT, Schema, described, list_of, object_of, or_null


def headline(deployment: Deployment) -> str:
    """One sentence without its full stop."""
    return {
        "deployed": f"{deployment.subject} has the image",
        "already": f"{deployment.subject} had the image already: nothing was changed",
        "started": f"{deployment.subject} gets the image; its end was not waited for",
        "failed": f"the deployment to {deployment.subject} has stopped",
        "planned": f"a dry run: {deployment.subject} would get the image",
    }[deployment.result]


def facts(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """Rows of a table: what they are about, and the text."""
    yield "deploy", headline(deployment)
    before = [one for one in deployment.before if one != deployment.image]
    yield from (("before", one or "no image") for one in before)
    word = "would" if deployment.result == "planned" else "did"
    for step in deployment.steps:
        yield word, f"{step.what}: {step.made}" if step.made else step.what


def document(deployment: Deployment) -> dict[str, Any]:
    return {
        "subject": deployment.subject,
        "image": deployment.image,
        "result": deployment.result,
        "before": list(deployment.before),
        "steps": [{"what": one.what, "made": one.made or None} for one in deployment.steps],
    }


DEPLOYMENT: Schema = object_of(
    {
        "subject": described(TEXT, "What gets the image, in words."),
        "image": described(TEXT, "As it is written there; it may be one platform of an index."),
        "result": described(
            {"enum": list(RESULTS)}, "; ".join(f"{one}: {of}" for one, of in RESULTS.items())
        ),
        "before": described(list_of(TEXT), "The images that were in its place."),
        "steps": described(
            list_of(
                object_of(
                    {
                        "what": TEXT,
                        "made": described(or_null(TEXT), "The name or the ARN of what there is now."),
                    }
                )
            ),
            "What was done, or in a dry run would be.",
        ),
    }
)
