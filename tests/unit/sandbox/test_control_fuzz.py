"""Every request of a client gets a response, and never an internal error of the sandbox."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.model import Shape
from hypothesis import given, settings
from hypothesis import strategies as st

from ecr_push.sandbox.operations import OPERATIONS
from ecr_push.sandbox.protocol import service_model
from ecr_push.sandbox.query import parameters, parse_form
from tests.support.sandbox.api import TARGETS, Api

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS, lambda it: st.lists(it, max_size=3) | st.dictionaries(st.text(), it, max_size=3)
)
# Values that get past the validation, so that the operations themselves meet the unexpected.
KNOWN: dict[str, Any] = {
    "repositoryName": "team/app",
    "registryId": "123456789012",
    "resourceArn": "arn:aws:ecr:eu-west-1:123456789012:repository/team/app",
    "lifecyclePolicyText": json.dumps({"rules": [{"rulePriority": 1, "selection": {}}]}).ljust(100),
    "policyText": "{}",
    "imageId": {"imageTag": "1.0"},
    "imageIds": [{"imageTag": "1.0"}, {"imageDigest": "sha256:00"}],
    "uploadId": "00000000-0000-0000-0000-000000000000",
    "layerDigests": ["sha256:00"],
    "layerDigest": "sha256:00",
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Api]:
    """Hypothesis calls a test many times; an operation may delete the repository."""
    with tempfile.TemporaryDirectory() as root:
        api = Api(Path(root) / "state")
        api.call("CreateRepository", repositoryName="team/app")
        api.push("team/app", "1.0")
        yield api
        api.close()


def sensible(shape: Shape | None) -> st.SearchStrategy[dict[str, Any]]:
    """Parameters under the operation's own names: some known ones, some arbitrary ones."""
    names = [*shape.members, "colour"] if shape else ["colour"]
    known = {name: st.just(KNOWN[name]) for name in names if name in KNOWN}
    others = st.dictionaries(st.sampled_from(names), ANYTHING, max_size=3)
    return st.tuples(others, st.fixed_dictionaries({}, optional=known)).map(lambda it: {**it[0], **it[1]})


@pytest.mark.parametrize(
    ("service", "operation"), [(service, name) for service in TARGETS for name in OPERATIONS[service]]
)
def test_no_request_causes_an_internal_error(shared: Api, service: str, operation: str) -> None:
    model = service_model(service).operation_model(operation)

    @settings(max_examples=settings.default.max_examples // 4, database=None)
    @given(sensible(model.input_shape) | ANYTHING)
    def send(document: Any) -> None:
        response = shared.send(service, operation, document)
        assert response.status_code in (200, 400), (document, response.get_data(as_text=True))

    send()


@given(
    st.dictionaries(st.text(alphabet="RoleArnTagsmember.19", max_size=20), st.text(max_size=5)) | st.binary()
)
def test_a_form_of_any_shape_can_be_read(form: dict[str, str] | bytes) -> None:
    shape = service_model("sts").operation_model("AssumeRole").input_shape
    fields = parse_form(form) if isinstance(form, bytes) else form
    assert parameters(shape, fields).keys() <= shape.members.keys()
