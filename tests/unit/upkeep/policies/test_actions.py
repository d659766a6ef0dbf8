"""The actions of ECR, held against the service model."""

from __future__ import annotations

import botocore.session

from ecr_push.sandbox import api_needs
from ecr_push.upkeep.policies.actions import (
    ACTIONS,
    PERMISSIONS_ALONE,
    WITHOUT_ACTION,
    WITHOUT_RESOURCE,
    is_pattern,
    meant,
    plain_action,
)
from ecr_push.upkeep.policies.model import PULL, PULL_THROUGH, PUSH, REPLICATE


def test_every_operation_is_an_action() -> None:
    model = botocore.session.get_session().get_service_model("ecr")
    operations = set(model.operation_names) - set(WITHOUT_ACTION)
    assert set(ACTIONS) == operations | set(PERMISSIONS_ALONE)
    assert {*PULL, *PUSH, *PULL_THROUGH, *REPLICATE} <= {f"ecr:{one}" for one in ACTIONS}


def test_what_names_no_repository_is_what_the_sandbox_takes_for_it() -> None:
    assert WITHOUT_RESOURCE == api_needs._ON_ALL
    assert set(ACTIONS) >= WITHOUT_RESOURCE


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
