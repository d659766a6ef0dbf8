"""The JSON Schema of the result document, which `ecr-push schema --result` prints.

It is written by hand, because it describes the values; a test compares it with `document`.
"""

from __future__ import annotations

from typing import Any, get_args

from ecr_push.pipeline.outcome import STATUSES, Status
from ecr_push.policy.verdict import ExceptionState, Treatment
from ecr_push.registry.interface import ScanMode
from ecr_push.report.deployment import DEPLOYMENT
from ecr_push.report.document import DOCUMENT_VERSION
from ecr_push.report.schema_parts import (
    DESTINATION,
    FAILURE,
    LOCAL,
    OTHER,
    REPLICA,
    SIGNATURE,
    TAG,
    TAG_NOW,
    TEST,
)
from ecr_push.report.schema_terms import (
    COUNT,
    DIGEST,
    MOMENT,
    SECONDS,
    SEVERITY,
    TEXT,
    YES_OR_NO,
    described,
    list_of,
    object_of,
    or_null,
)
from ecr_push.report.verification import VERIFICATION
from ecr_push.source.git.tag import Tagged
from ecr_push.versions.options import Strategy


def result_schema() -> dict[str, Any]:
    """Returns the schema. Every key is always present; readers must ignore keys that are added later."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The result document of ecr-push",
        **object_of(
            {
                "documentVersion": {"const": DOCUMENT_VERSION},
                "status": described(
                    {"enum": list(get_args(Status))},
                    "; ".join(f"{word}: {meaning}" for word, meaning in STATUSES.items()) + ".",
                ),
                "exitCode": COUNT,
                "checked": described(
                    or_null(TEXT), "Why the image was only built and checked, not pushed; otherwise null."
                ),
                "sandbox": described(
                    YES_OR_NO, "Whether the registry was a sandbox on this machine, not AWS."
                ),
                "repository": or_null(TEXT),
                "image": or_null(_IMAGE),
                "local": described(
                    or_null(LOCAL), "The image on this machine, which was not pushed (`--load`, `--export`)."
                ),
                "candidate": described(or_null(TEXT), "The candidate's tag, if it was kept for inspection."),
                "superseded": described(
                    or_null(object_of({"reference": TEXT, "candidate": or_null(TEXT)})),
                    "The image that this run pushed, where another pipeline released one of the same commit "
                    "first: `image` is that one; null if it was built otherwise. Its candidate stays.",
                ),
                "createdRepository": or_null(TEXT),
                "source": or_null(_SOURCE),
                "version": or_null(TEXT),
                "tags": list_of(TAG),
                "tagsNow": described(
                    list_of(TAG_NOW),
                    "Where the floating tags point at the end of a run that released nothing; else empty.",
                ),
                "destinations": described(
                    list_of(DESTINATION), "The other repositories that the image is for (`--to`)."
                ),
                "replicas": described(
                    list_of(REPLICA),
                    "The copies that ECR makes in other registries (`--wait-replication`).",
                ),
                "gitTag": described(
                    or_null(_GIT_TAG), "The git tag that the run created for the release, if any."
                ),
                "scan": or_null(_SCAN),
                "verdict": or_null(_VERDICT),
                "statement": described(
                    or_null(TEXT), "The statement of the verdict in the registry (`--attest-verdict`)."
                ),
                "statementSigned": described(
                    or_null(YES_OR_NO), "Whether it is signed, which it is with `--sign`."
                ),
                "sboms": described(list_of(TEXT), "The attached SBOMs (`--attest-sbom`)."),
                "signature": described(or_null(SIGNATURE), "The signature of the accepted image (`--sign`)."),
                "managedSignatures": described(
                    list_of(TEXT), "The profiles with which ECR has signed it (`--require-signature`)."
                ),
                "verification": described(or_null(VERIFICATION), "What `ecr-push verify` found."),
                "deployment": described(or_null(DEPLOYMENT), "What `ecr-push deploy` did."),
                "buildChecks": described(
                    list_of(_BUILD_CHECK),
                    "What docker's build checks found in the Dockerfile; empty where nothing was built.",
                ),
                "tests": described(
                    list_of(TEST), "The tests of the image, in the order in which they run (`--test`)."
                ),
                "rollback": described(or_null(_ROLLBACK), "The result of `ecr-push rollback`."),
                "failure": or_null(FAILURE),
                "seconds": {"type": "object", "additionalProperties": SECONDS},
                "timeline": list_of(_SPAN),
                "tool": object_of({"name": TEXT, "version": or_null(TEXT)}),
                "run": object_of(
                    {"startedAt": or_null(MOMENT), "url": or_null(TEXT), "actor": or_null(TEXT)}
                ),
            }
        ),
    }


_SPAN = object_of(
    {
        "what": described(TEXT, "A phase, or what ran beside phases."),
        "began": described(SECONDS, "Since the run began."),
        "seconds": SECONDS,
        "waited": described(YES_OR_NO, "Whether it is a phase, for whose end the run waited."),
    }
)
_BUILD_CHECK = object_of(
    {
        "rule": described(TEXT, "Such as JSONArgsRecommended."),
        "line": described(or_null(COUNT), "Of the Dockerfile."),
        "text": TEXT,
        "url": described(or_null(TEXT), "What docker says of the rule."),
    }
)
_IMAGE = object_of(
    {
        "reference": described(TEXT, "The image, named by its digest: what to deploy."),
        "registry": TEXT,
        "repository": TEXT,
        "digest": DIGEST,
        "isIndex": YES_OR_NO,
        "reused": described(YES_OR_NO, "Whether an earlier run pushed it."),
        "bytes": described(
            or_null(COUNT), "Of its layers, as the registry stores them; null: not known, as of an index."
        ),
        "platforms": list_of(object_of({"digest": DIGEST, "platform": or_null(TEXT)})),
    }
)
_SOURCE = object_of(
    {
        "commit": described(TEXT, "The commit that the image is for; of a pull request, its head commit."),
        "builtFrom": described(
            TEXT, "The commit in the work tree; of a pull request possibly a merge commit."
        ),
        "committedAt": MOMENT,
        "branch": or_null(TEXT),
        "gitTag": or_null(TEXT),
        "distance": COUNT,
        "versionStrategy": {"enum": list(get_args(Strategy))},
        "versionScheme": TEXT,
        "fullVersion": described(
            or_null(TEXT), "The version with build metadata, which an image tag cannot contain."
        ),
        "dirty": YES_OR_NO,
        "why": described(TEXT, "Why the version is what it is."),
    }
)
_GIT_TAG = object_of({"name": TEXT, "commit": TEXT, "result": {"enum": list(get_args(Tagged))}})
_NAMED = object_of({"digest": DIGEST, "name": or_null(TEXT)})
_ROLLBACK = object_of({"tag": TEXT, "before": _NAMED, "after": _NAMED, "judged": YES_OR_NO})
_PACKAGE = object_of(
    {
        "name": TEXT,
        "version": or_null(TEXT),
        "fixedIn": or_null(TEXT),
        "manager": described(or_null(TEXT), "Amazon Inspector's packageManager."),
        "path": or_null(TEXT),
        "layer": described(or_null(TEXT), "Digest of the layer that contains it."),
        "distribution": described(
            or_null(TEXT), "That a package of the operating system is of, such as debian; null if not known."
        ),
    }
)
_FINDING = object_of(
    {
        "id": TEXT,
        "severity": SEVERITY,
        "package": or_null(TEXT),
        "version": or_null(TEXT),
        "fixedIn": or_null(TEXT),
        "score": described(or_null({"type": "number", "minimum": 0, "maximum": 10}), "CVSS."),
        "title": or_null(TEXT),
        "uri": or_null(TEXT),
        "description": or_null(TEXT),
        "packages": list_of(_PACKAGE),
        "epss": described(
            or_null({"type": "number", "minimum": 0, "maximum": 1}),
            "Probability of exploitation within 30 days: https://www.first.org/epss/.",
        ),
        "exploited": described(
            or_null(YES_OR_NO), "Whether an exploit is known; null if the scan does not report it."
        ),
        "fix": described(or_null(TEXT), "Amazon Inspector's fixAvailable: YES, NO or PARTIAL."),
        "fixable": described(
            or_null(YES_OR_NO), "Whether an update fixes it; null if the scan does not report it."
        ),
        "aliases": list_of(TEXT),
        "firstSeen": described(or_null(TEXT), "When Inspector first saw it in this image."),
    }
)
_SCAN = object_of(
    {
        "mode": {"enum": list(get_args(ScanMode))},
        "others": list_of(OTHER),
        "platforms": list_of(
            object_of(
                {
                    "digest": DIGEST,
                    "platform": or_null(TEXT),
                    "status": described(TEXT, "The status of the scan as ECR reports it."),
                    "completedAt": or_null(TEXT),
                    "unscannable": described(or_null(TEXT), "Why ECR cannot scan this image."),
                    "note": described(
                        or_null(TEXT), "A remark about the age or the reliability of the scan result."
                    ),
                    "counts": {"type": "object", "propertyNames": SEVERITY, "additionalProperties": COUNT},
                    "findings": list_of(_FINDING),
                }
            )
        ),
    }
)
_RULE = object_of(
    {
        "rule": TEXT,
        "platform": or_null(TEXT),
        "allowed": COUNT,
        "counted": described(
            COUNT, "May be more than the listed findings, because ECR may count more than it lists."
        ),
        "passed": YES_OR_NO,
        "total": described(YES_OR_NO, "Whether it counts the findings of all platforms together, each once."),
    }
)
_EXCEPTION = object_of(
    {
        "exception": described(TEXT, "What it accepts, in words."),
        "state": described(
            {"enum": list(get_args(ExceptionState))},
            "used; unused: it matches nothing; expired: its date is past; outgrown: a fix is available.",
        ),
        "reason": or_null(TEXT),
        "owner": or_null(TEXT),
        "until": or_null(TEXT),
        "matched": COUNT,
        "where": described(or_null(TEXT), "Its file and line."),
    }
)
_JUDGED = object_of(
    {
        "platform": or_null(TEXT),
        "id": TEXT,
        "severity": SEVERITY,
        "package": or_null(TEXT),
        "version": or_null(TEXT),
        "treatment": {"enum": [one.value for one in Treatment]},
        "by": described(TEXT, "The rule, exception or document that decided."),
    }
)
_VERDICT = object_of(
    {
        "accepted": described(
            YES_OR_NO, "Whether the policy accepts the image; false also where it is only observed."
        ),
        "observe": described(
            YES_OR_NO, "Whether the policy was only observed: status is observed, not refused."
        ),
        "rules": list_of(_RULE),
        "deciding": described(
            list_of(_FINDING), "The findings that caused a refusal, each once, worst first."
        ),
        "warnings": list_of(TEXT),
        "errors": described(list_of(TEXT), "Reasons for a refusal other than findings."),
        "exceptions": list_of(_EXCEPTION),
        "baseline": described(or_null(TEXT), "The image that known findings were compared with."),
        "gone": described(list_of(_FINDING), "Findings of the baseline that this image no longer has."),
        "policy": list_of(TEXT),
        "judged": described(
            list_of(_JUDGED), "Every finding of every platform, once each, with the decision on it."
        ),
    }
)
