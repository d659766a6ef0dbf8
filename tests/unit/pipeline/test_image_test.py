"""Which program a test is, and what its environment holds."""

from __future__ import annotations

from dataclasses import replace

from ecr_push.base.reference import Tag, parse_repository
from ecr_push.pipeline.image_test import ImageTest, argv_of, environ_of, pending_tests, tag_to_test
from ecr_push.settings.image_test_options import ImageTestOptions
from tests.support.fakes import digest
from tests.support.outcomes import PUSHED

CANDIDATE = Tag("candidate-0123456789ab-run1")


def test_those_in_the_image_run_first() -> None:
    options = ImageTestOptions(tests=("./a.sh", "./b.sh"), tests_in_image=("--version",))
    assert [str(one.test) for one in pending_tests(options)] == [
        "in the image: --version",
        "./a.sh",
        "./b.sh",
    ]


def test_a_command_in_the_image_has_its_words_and_no_shell() -> None:
    test = ImageTest("sh -c 'test -e /app; exit 3'", in_image=True)
    words = ("--name", "one", PUSHED.reference, "sh", "-c", "test -e /app; exit 3")
    assert argv_of(test, PUSHED, "one") == ("docker", "run", "--rm", *words)
    assert argv_of(test, PUSHED, "one", "podman") == ("podman", "run", "--rm", *words)


def test_podman_knows_of_a_registry_without_tls() -> None:
    local = replace(PUSHED, repository=parse_repository("127.0.0.1:5000/team/app"))
    argv = argv_of(ImageTest("--version", in_image=True), local, "one", "podman")
    assert argv[:4] == ("podman", "run", "--rm", "--tls-verify=false")


def test_a_command_gets_the_image_and_no_credentials() -> None:
    docker = {
        "PATH": "/bin",
        "DOCKER_CONFIG": "/run/private",
        "AWS_REGION": "eu-west-1",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/release",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/run/token",
        "AWS_PROFILE": "release",
    }
    found = environ_of(ImageTest("./a.sh"), docker, PUSHED, CANDIDATE)
    assert found == {
        "PATH": "/bin",
        "DOCKER_CONFIG": "/run/private",
        "AWS_REGION": "eu-west-1",
        "CANDIDATE_IMAGE": PUSHED.reference,
        "CANDIDATE_REPOSITORY": PUSHED.repository.uri,
        "CANDIDATE_DIGEST": PUSHED.digest.value,
        "CANDIDATE_TAG": CANDIDATE.name,
    }
    assert environ_of(ImageTest("true", in_image=True), docker, PUSHED, CANDIDATE) == docker


def test_an_image_that_is_reused_has_a_tag_of_its_own() -> None:
    tags = {Tag("latest"): digest("another"), Tag("1.4.2"): PUSHED.digest}
    assert tag_to_test(PUSHED, CANDIDATE, tags) == CANDIDATE
    assert tag_to_test(replace(PUSHED, reused=True), CANDIDATE, tags) == Tag("1.4.2")
    assert tag_to_test(replace(PUSHED, reused=True), CANDIDATE, {}) is None
