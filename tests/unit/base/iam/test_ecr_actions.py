"""The actions of ECR, held against the service model."""

from __future__ import annotations

import botocore.session

from ecr_push.base.iam.ecr_actions import (
    ACTIONS,
    PERMISSIONS_ALONE,
    WITHOUT_RESOURCE,
    is_pattern,
    meant,
    plain_action,
)

MODEL = botocore.session.get_session().get_service_model("ecr")
# Members of an operation's input that say which repositories it is about.
NAMES = {"repositoryName", "repositoryNames", "resourceArn"}


def test_every_operation_is_an_action() -> None:
    operations = set(MODEL.operation_names) - {"ListImageReferrers"}
    assert set(ACTIONS) == operations | set(PERMISSIONS_ALONE)


def test_what_has_no_resource_names_no_repository() -> None:
    inputs = {name: MODEL.operation_model(name).input_shape for name in MODEL.operation_names}
    assert {name for name, shape in inputs.items() if not NAMES & set(shape.members)} == WITHOUT_RESOURCE


def test_names_and_patterns() -> None:
    assert plain_action("ECR:batchgetimage") == "ecr:BatchGetImage"
    assert plain_action("ecr:NoSuch") == "ecr:NoSuch"
    assert meant(["ecr:batchgetimage", "ecr:NoSuch"]) == {"ecr:BatchGetImage"}
    assert meant(["ecr:*LayerUpload", "ecr:PutImag?"]) == {
        "ecr:CompleteLayerUpload",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
    }
    assert len(meant(["*"])) == len(ACTIONS) == len(meant(["ecr:*"]))
    assert is_pattern("ecr:*") and is_pattern("ecr:PutImag?") and not is_pattern("ecr:PutImage")
