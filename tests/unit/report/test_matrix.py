from __future__ import annotations

import json

import yaml

from ecr_push.report.matrix import codebuild, github, jenkins, names

GROUPS = [["base", "api"], ["web.a"], ["web-a"], ["1st"]]
NEEDS = {"base": (), "api": ("base",), "web.a": (), "web-a": (), "1st": ()}


def test_names_are_a_line_for_each_job() -> None:
    assert names(GROUPS, NEEDS).splitlines() == ["base api", "web.a", "web-a", "1st"]


def test_github_reads_one_line() -> None:
    (line,) = github(GROUPS, NEEDS).splitlines()
    assert json.loads(line)["include"][0] == {"name": "base api", "only": "base,api"}
    assert json.loads(github([], {})) == {"include": []}


def test_jenkins_reads_a_list() -> None:
    assert json.loads(jenkins(GROUPS, NEEDS))[0] == {"name": "base api", "only": ["base", "api"]}


def test_codebuild_has_a_build_for_each_image() -> None:
    batch = yaml.safe_load(codebuild(GROUPS, NEEDS, "ci/image.yml"))
    builds = batch["batch"]["build-graph"]
    assert batch["version"] == 0.2 and batch["batch"]["fast-fail"] is False
    assert [one["identifier"] for one in builds] == ["base", "api", "web_a", "web_a_2", "image_1st"]
    assert builds[1] == {
        "identifier": "api",
        "buildspec": "ci/image.yml",
        "env": {"variables": {"ECR_PUSH_ONLY": "api"}},
        "depend-on": ["base"],
    }
    assert "buildspec" not in yaml.safe_load(codebuild(GROUPS, NEEDS))["batch"]["build-graph"][0]


def test_codebuild_takes_no_empty_batch() -> None:
    assert codebuild([], {}) == ""
