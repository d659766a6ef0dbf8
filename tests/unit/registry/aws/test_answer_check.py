"""What the SDK would read into an answer that its model does not allow. The parser is its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError, EcrPushError, RegistryError
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError, translated
from ecr_push.registry.aws.odd import OddAnswerError
from ecr_push.registry.private import PrivateRepository
from ecr_push.registry.scans import EcrScans
from tests.support.fakes import FakeClock, digest
from tests.support.odd_answers import OddAws

ONE = digest("one")


def answering(*bodies: Any, status: int = 200) -> PrivateRepository:
    """A repository with these answers in turn, as bytes or as JSON; the last one stays."""
    left = list(bodies)

    def draw(operation: Any, parameters: Any) -> tuple[int, dict[str, str], bytes]:
        body = left.pop(0) if len(left) > 1 else left[0]
        return status, {}, body if isinstance(body, bytes) else json.dumps(body).encode()

    return PrivateRepository(OddAws(draw), "team/app", "", FakeClock())


def scans(*bodies: Any) -> EcrScans:
    return answering(*bodies).scans


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"imageIds": ["\xff"]}', "it is not UTF-8: invalid start byte at byte 15"),
        ([], "it is an empty list, expected an object"),
        ({"imageIds": {}}, "imageIds is an empty object, expected a list"),
        ({"imageIds": "abc"}, "imageIds is 'abc', expected a list"),
        ({"imageIds": False}, "imageIds is False, expected a list"),
        ({"imageIds": ["a"]}, "imageIds[0] is 'a', expected an object"),
        ({"imageIds": [{"imageTag": ["1.0"]}]}, "imageIds[0].imageTag is a list, expected a string"),
        ({"imageIds": [None]}, "imageIds[0] is absent, expected an object"),
        ({"imageIds": [{"imageTag": "9" * 300}]}, "imageIds[0].imageTag is odd"),
        ({"imageIds": [{"imageTag": "::error::"}]}, "imageIds[0].imageTag is odd"),
        ({"imageIds": [{"imageTag": ""}]}, "imageIds[0].imageTag is '', expected text"),
        ({"nextToken": ""}, "imageIds is absent, expected a list"),
        (b'{"a":' * 100_000, "it is nested too deeply"),
    ],
)  # fmt: skip
def test_an_odd_answer_names_operation_and_member(body: Any, problem: str) -> None:
    with pytest.raises(OddAnswerError) as caught:
        answering(body).tag_names()
    assert "ecr:ListImages" in caught.value.what
    assert problem in caught.value.why
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("asked", "body", "problem"),
    [
        ("login", {"authorizationData": []}, "authorizationData is an empty list"),
        ("login", {"authorizationData": [{"authorizationToken": "!!!"}]}, "proxyEndpoint is absent"),
        ("describe", {"repositories": []}, "repositories is an empty list"),
        ("describe", {"repositories": [{}]}, "repositories[0].repositoryUri is absent"),
        (
            "describe",
            {"repositories": [{"repositoryUri": "not a uri"}]},
            "repositories[0].repositoryUri is odd",
        ),
        ("images", {"imageDetails": [{"imageTags": ["1.0"]}]}, "imageDetails[0].imageDigest is absent"),
        (
            "images",
            {"imageDetails": [{"imageTags": ["1.0"], "imageDigest": ONE.value}]},
            "imageDetails[0].imagePushedAt is absent",
        ),
    ],
)
def test_what_each_reader_needs(asked: str, body: Any, problem: str) -> None:
    with pytest.raises(OddAnswerError) as caught:
        getattr(answering(body), asked)()
    assert problem in caught.value.why


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        ({}, "imageManifest is absent"),
        ({"imageManifest": None}, "imageManifest is absent"),
        ({"imageManifest": "{}"}, "imageManifest has other bytes than its digest"),
        ({"imageManifest": "\ud800"}, "imageManifest is not Unicode text"),
        ({"imageManifest": "one"}, "imageManifest is not valid JSON"),
        ({"imageId": {"imageDigest": digest("two").value}}, "imageId.imageDigest is another image"),
    ],
)
def test_a_manifest_is_what_its_digest_says(image: Any, problem: str) -> None:
    media_type = {"imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json"}
    with pytest.raises(OddAnswerError) as caught:
        answering({"images": [media_type | image]}).manifest(ONE)
    assert f"images[0].{problem}" in caught.value.why


def test_a_token_is_not_quoted() -> None:
    data = {"authorizationToken": "c2VjcmV0", "proxyEndpoint": "https://127.0.0.1:1", "expiresAt": 1}
    with pytest.raises(OddAnswerError) as caught:
        answering({"authorizationData": [data]}).login()
    assert "authorizationToken is not base64" in caught.value.why
    assert "c2VjcmV0" not in str(caught.value)


def test_a_list_that_the_model_does_not_know_is_handed_on() -> None:
    page = scans({"imageScanFindings": {"findings": [], "codeFindings": [1], "empty": []}}).page(ONE)
    assert page is not None
    assert page["imageScanFindings.codeFindings"] == [1]
    assert "imageScanFindings.empty" not in page


def test_an_answer_that_was_cut_off_is_asked_for_again() -> None:
    assert scans(b'{"imageScanStatus": {', {"imageScanStatus": {}}).page(ONE)
    with pytest.raises(AwsUnreachableError):
        scans(b'{"imageScanStatus": {').page(ONE)


@pytest.mark.parametrize("body", [b"<html>\xe4</html>", b"[]", b"null", b'{"__type": 7}', b'{"__type": []}'])
def test_a_refusal_of_another_form_is_still_an_error_of_ours(body: bytes) -> None:
    with pytest.raises(RegistryError):
        answering(body, status=400).tag_names()


def test_a_proxys_page_in_another_encoding_is_decided_by_its_status() -> None:
    with pytest.raises(AwsRefusedError) as caught:
        answering(b"Zugriff verweigert \xfcber den Proxy", status=407).tag_names()
    assert caught.value.status == 407


def test_an_error_of_any_type_is_one_of_ours() -> None:
    for error in (
        KeyError("x"),
        TypeError("x"),
        AttributeError("x"),
        OverflowError("x"),
        RecursionError("x"),
    ):
        with pytest.raises(EcrPushError), translated():
            raise error
    with pytest.raises(AuthenticationError, match="mine"), translated():
        raise AuthenticationError("mine")


@pytest.mark.parametrize("length", [1, 2, 5])
def test_pages_in_a_circle_of_any_length_have_an_end(length: int) -> None:
    pages = [{"imageIds": [], "nextToken": f"{n % length}"} for n in range(length + 2)]
    with pytest.raises(RegistryError, match="the same page"):
        answering(*pages).tag_names()


def test_pages_without_an_end_have_one_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecr_push.registry.aws.call.MOST_PAGES", 5)
    with pytest.raises(RegistryError, match="has no last page: 5 were read"):
        answering(*({"imageIds": [], "nextToken": f"{n}"} for n in range(9))).tag_names()
