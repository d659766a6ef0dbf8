"""Which files can be moved over, whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.delivery.moving.kinds import KINDS, kind_of, move_file
from ecr_push.delivery.moving.model import NotMovedError, Wish
from tests.support.odd_files import odd

WORKFLOW = """\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with: {push: true, tags: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1"}
"""


BUILDSPEC = """\
version: 0.2
phases:
  build:
    commands:
      - docker build -t 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1 .
      - |
        docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1
        npm test
"""
CIRCLECI = """\
version: 2.1
jobs:
  image:
    steps:
      - run: |
          docker build -t $R/app:${CIRCLE_SHA1:0:7} .
          docker push $R/app:${CIRCLE_SHA1:0:7}
workflows:
  all:
    jobs:
      - aws-ecr/build_and_push_image: {repo: app}
"""
JENKINSFILE = """\
@Library('a') _
node {
    def image = docker.build("111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:${env.BUILD_NUMBER}", '-f a .')
    if (env.BRANCH_NAME == 'main') { image.push('latest') }
    sh '''
        docker push x  # another
    '''
}
"""


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        (".github/workflows/a.yml", "", "github"),
        ("x.yaml", WORKFLOW, "github"),
        (".github/actions/push/action.yml", "runs:\n  using: 'composite'\n  steps: []\n", "github"),
        ("Jenkinsfile", "", "jenkins"),
        ("ci/Jenkinsfile.release", "", "jenkins"),
        ("image.jenkinsfile", "", "jenkins"),
        ("buildspec.yml", "", "codebuild"),
        ("ci/build.yml", BUILDSPEC, "codebuild"),
        (".circleci/config.yml", "", "circleci"),
        ("circle.yml", CIRCLECI, "circleci"),
        (".gitlab-ci.yml", "", "gitlab"),
        ("ci/image.gitlab-ci.yml", "", "gitlab"),
    ],
)
def test_a_file_is_known_by_its_place_or_its_text(path: str, text: str, kind: str) -> None:
    assert kind_of(path, text) == kind


def test_another_file_is_refused() -> None:
    with pytest.raises(NotMovedError, match=r"compose.yml is not a file that can be moved over: "):
        kind_of("compose.yml", "services: {}\n")


@pytest.mark.parametrize(
    ("path", "given"),
    [
        (".github/workflows/a.yml", WORKFLOW),
        ("Jenkinsfile", JENKINSFILE),
        ("buildspec.yml", BUILDSPEC),
        (".circleci/config.yml", CIRCLECI),
    ],
)
@given(data=st.data())
def test_any_text_has_an_answer(path: str, given: str, data: st.DataObject) -> None:
    text = data.draw(odd(given.encode())).decode(errors="replace")
    try:
        moved = move_file(text, path, Wish())
    except ValueError as error:
        assert str(error)
    else:
        assert moved.text and set(KINDS)
