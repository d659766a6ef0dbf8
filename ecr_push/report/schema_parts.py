"""Parts of the result document's JSON Schema: tags, destinations, replicas, tests, the signature."""

from __future__ import annotations

from typing import get_args

from ecr_push.pipeline.destination_result import DestinationState
from ecr_push.pipeline.image_test import TestEnding
from ecr_push.report.schema_terms import (
    COUNT,
    DIGEST,
    SECONDS,
    TEXT,
    YES_OR_NO,
    described,
    list_of,
    object_of,
    or_null,
)
from ecr_push.signing.model import SignResult
from ecr_push.tags.kinds import TagKind

TEST = object_of(
    {
        "command": TEXT,
        "inImage": described(YES_OR_NO, "Whether the command ran in the image, by `docker run`."),
        "result": described(
            {"enum": list(get_args(TestEnding))},
            "passed; failed; ended: the run was over before the test was; pending: it was not started.",
        ),
        "exitCode": described(
            or_null({"type": "integer"}), "Of the command; negative: the number of the signal that ended it."
        ),
        "why": described(or_null(TEXT), "Why it did not pass."),
        "seconds": SECONDS,
        "output": described(list_of(TEXT), "Its last lines."),
    }
)
OTHER = object_of(
    {
        "file": described(TEXT, "As --verdict-from names it."),
        "tool": TEXT,
        "found": COUNT,
        "added": described(COUNT, "How many of them ECR does not have."),
    }
)
SIGNATURE = object_of(
    {
        "by": described(TEXT, "The program that signs."),
        "key": described(
            TEXT, "The reference of the private key, as it was given; empty where an identity signs."
        ),
        "result": described(
            {"enum": list(get_args(SignResult))},
            "`already`: the image had a signature by this key; `planned`: it is not signed, as in a dry run "
            "or after a refusal.",
        ),
        "image": described(TEXT, "REPOSITORY@DIGEST that is signed; empty while that is only planned."),
        "reference": described(
            TEXT, "REPOSITORY@DIGEST of the signature; empty where it is not known which one it is."
        ),
        "identity": described(TEXT, "Without a key, what the certificate names; else empty."),
        "issuer": described(TEXT, "Without a key, who issued the token for the certificate; else empty."),
    }
)
LOCAL = object_of(
    {
        "names": described(list_of(TEXT), "In the engine."),
        "files": described(list_of(TEXT), "Files and folders that were written."),
        "digest": described(or_null(DIGEST), "Null where the builder does not say it."),
        "platforms": list_of(TEXT),
    }
)
TAG_NOW = object_of(
    {
        "tag": TEXT,
        "digest": described(or_null(DIGEST), "Null: the tag does not exist."),
        "name": described(
            or_null(TEXT), "The version, or the commit's tag, of that image, where it is known."
        ),
    }
)
TAG = object_of(
    {
        "tag": TEXT,
        "kind": {"enum": [one.value for one in TagKind]},
        "before": described(or_null(DIGEST), "Where it pointed before this run."),
        "result": {"enum": ["moved", "already", "kept", "planned", "pending"]},
        "reason": or_null(TEXT),
    }
)
FAILURE = object_of(
    {
        "phase": TEXT,
        "kind": TEXT,
        "what": TEXT,
        "why": TEXT,
        "remedy": TEXT,
        "exit_code": COUNT,
    }
)
DESTINATION = object_of(
    {
        "repository": described(TEXT, "Its URI; as it was given, if AWS could not be asked for it."),
        "required": described(YES_OR_NO, "Whether the run fails without it."),
        "result": described(
            {"enum": list(get_args(DestinationState))},
            "pending: it got nothing; planned: a dry run; held: it has the image, and not all of its tags "
            "were moved; released: it has the image and its tags; failed: see failure.",
        ),
        "reference": described(or_null(TEXT), "REPOSITORY@DIGEST, once the image is there."),
        "created": described(YES_OR_NO, "Whether the run created the repository."),
        "tags": list_of(TAG),
        "failure": or_null(FAILURE),
    }
)
REPLICA = object_of(
    {
        "region": TEXT,
        "account": TEXT,
        "reference": described(or_null(TEXT), "REPOSITORY@DIGEST there, once that is known."),
        "status": described(
            {"enum": ["IN_PROGRESS", "COMPLETE", "FAILED"]},
            "ECR's; IN_PROGRESS also while a tag of the release is not there yet.",
        ),
        "failure": described(or_null(TEXT), "ECR's code, where it failed."),
        "whole": described(YES_OR_NO, "Whether the image is there with every tag of the release."),
        "tags": described(list_of(TEXT), "Those of the release that name the image there."),
        "others": described(
            list_of(object_of({"tag": TEXT, "digest": or_null(DIGEST)})),
            "Those that do not, and what they name there: one that is immutable stays where it is.",
        ),
        "unread": described(
            or_null(TEXT), "Why the registry there could not be asked for its tags; else null."
        ),
    }
)
