"""The variables by which a CI says what a run is for -> facts, for scripts that name them. Pure.

CodeBuild: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
CircleCI:  https://circleci.com/docs/reference/variables/
GitLab:    https://docs.gitlab.com/ci/variables/predefined_variables/
Jenkins:   https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
"""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.delivery.moving.values import Fact, FactKind, Value

_FACTS: Mapping[str, Mapping[str, tuple[FactKind, str]]] = {
    "codebuild": {
        "CODEBUILD_RESOLVED_SOURCE_VERSION": (FactKind.SHA, ""),
        "CODEBUILD_BUILD_NUMBER": (FactKind.RUN_NUMBER, ""),
        "CODEBUILD_BUILD_ID": (FactKind.RUN_ID, ""),
    },
    "circleci": {
        "CIRCLE_SHA1": (FactKind.SHA, ""),
        "CIRCLE_BRANCH": (FactKind.BRANCH, ""),
        "CIRCLE_TAG": (FactKind.GIT_TAG, ""),
        "CIRCLE_BUILD_NUM": (FactKind.RUN_NUMBER, ""),
        "CIRCLE_WORKFLOW_ID": (FactKind.RUN_ID, ""),
    },
    "gitlab": {
        "CI_COMMIT_SHA": (FactKind.SHA, ""),
        "CI_COMMIT_SHORT_SHA": (FactKind.SHA, "8"),
        "CI_COMMIT_TAG": (FactKind.GIT_TAG, ""),
        "CI_COMMIT_BRANCH": (FactKind.BRANCH, ""),
        "CI_COMMIT_REF_NAME": (FactKind.REF, ""),
        "CI_PIPELINE_IID": (FactKind.RUN_NUMBER, ""),
        "CI_PIPELINE_ID": (FactKind.RUN_ID, ""),
    },
    "jenkins": {
        "GIT_COMMIT": (FactKind.SHA, ""),
        # Of a multibranch job: the branch, the tag, or PR-12.
        "BRANCH_NAME": (FactKind.REF, "PR-"),
        "TAG_NAME": (FactKind.GIT_TAG, ""),
        "CHANGE_ID": (FactKind.PULL_REQUEST, ""),
        "BUILD_NUMBER": (FactKind.RUN_NUMBER, ""),
        "BUILD_ID": (FactKind.RUN_NUMBER, ""),
    },
}
# A branch's whole name, of a pull request's own branch too; empty for a tag.
_HEADS = {"codebuild": "CODEBUILD_WEBHOOK_HEAD_REF"}


def known_variables(ci: str) -> dict[str, Value]:
    """The values of a CI's own variables by their names. The others are those of the job."""
    found = {
        name: Value.fact(kind, detail, f"${{{name}}}") for name, (kind, detail) in _FACTS.get(ci, {}).items()
    }
    if head := _HEADS.get(ci):
        found[head] = Value.of(("refs/heads/", Fact(FactKind.VARIABLE, head, f"${{{head}#refs/heads/}}")))
    return found
