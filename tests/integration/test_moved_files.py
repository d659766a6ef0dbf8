"""Files that are moved over push what the originals push: for a branch, a git tag and a pull request.

The originals' shell lines are really run, in a clone, with recorders in place of docker and aws; so are the
moved ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.buildspec import run_build
from tests.support.jenkins.builds import Scenario, play
from tests.support.jenkins.stand_in import ENDS, StandIn
from tests.support.moved_files import (
    HOST,
    Run,
    World,
    deployed,
    deploys,
    moved,
    names,
    pushed,
    run_circleci,
    run_gitlab,
    runs,
)

STORE = {
    name: {"accessKeyVariable": "none", "secretKeyVariable": "none"} for name in ("aws", "push-team-app")
}
SCRIPTS = {"circleci": run_circleci, "gitlab": run_gitlab}
SETTINGS = ("ECR_PUSH_TAGS", "ECR_PUSH_FLAVOR", "ECR_PUSH_SHORT_SHA_LENGTH")
EVENTS = ("branch", "tag", "pull request")


@dataclass(frozen=True)
class Shape:
    """What is pushed for each event: names without the registry, SHA for the commit; and what is lost.

    runs: whether the original runs here; orb and containers do not. stays: what docker pushes still.
    deploys: the services of AWS that get the image, in each event.
    """

    branch: str
    tag: str
    pull_request: str
    lost: Mapping[int, str]
    runs: bool = True
    stays: str = ""
    deploys: str = ""

    @property
    def left(self) -> set[str]:
        """What the moved file pushes by itself, as before."""
        return {f"{HOST}/{one}" for one in self.stays.split()}

    @property
    def events(self) -> tuple[str, ...]:
        """Those that differ."""
        tags = (self.branch, self.tag, self.pull_request)
        return tuple(event for n, event in enumerate(EVENTS) if tags[n] not in tags[:n])

    def expected(self, event: str, sha: str) -> set[str]:
        text = {"branch": self.branch, "tag": self.tag, "pull request": self.pull_request}[event]
        for digits in (7, 8, 10):
            text = text.replace(f"SHA{digits}", sha[:digits])
        return {f"{HOST}/{one}" for one in text.replace("SHA", sha).split()}


def same(tags: str, lost: Mapping[int, str] | None = None, *, runs: bool = True) -> Shape:
    return Shape(tags, tags, tags, lost or {}, runs)


SHAPES = {
    "codebuild/sha-and-latest": same("team/web:latest team/web:SHA7"),
    "codebuild/project-variables": same("shop:given"),
    "codebuild/block": Shape(
        "shop:v1.4.2 shop:main shop:latest",
        "shop:v1.4.2",
        "shop:v1.4.2 shop:feature-login",
        {},
        deploys="ecs",
    ),
    "codebuild/several": same("api:SHA8 web:SHA8", {19: "what it does to an image is not known"}),
    "codebuild/scan-gate": same("team/shop:1.5.0", {20: "another scanner: "}),
    "codebuild/only-main": Shape("shop:SHA7", "", "", {}),
    "codebuild/buildx": same("team:build-42 team:SHA", {7: "--result FILE has the digest"}),
    "jenkins/docker-build": same("team/app:42 team/app:latest"),
    "jenkins/scripted-shell": Shape("shop:SHA7 shop:latest", "shop:SHA7", "shop:SHA7", {}),
    "jenkins/when": Shape("shop:main shop:latest", "shop:v1.4.2", "shop:PR-12", {}),
    "jenkins/parallel": Shape(
        "team/api:2.1.0 team/api:latest team/web:SHA10",
        "team/api:2.1.0 team/web:SHA10",
        "team/api:2.1.0 team/web:SHA10",
        {},
    ),
    "jenkins/stages": Shape("petclinic:42", "petclinic:v1.4.2-42", "petclinic:PR-12-42", {}),
    "jenkins/loop": replace(
        same("api:1.0.42", {2: "Groovy's loops and functions are not followed"}), stays="web:1"
    ),
    "jenkins/inside": Shape(
        "shop:main-42", "shop:v1.4.2-42", "shop:PR-12-42", {5: "the image is not in the engine: "}, runs=False
    ),
    "jenkins/deploys": replace(same("billing:SHA7"), deploys="ecs lambda"),
    "circleci/deploys": replace(same("shop:SHA"), deploys="lambda"),
    "gitlab/deploys": replace(same("shop:SHA8", {15: "`ecr-push copy "}), deploys="ecs"),
    "circleci/shell": Shape("shop:SHA7 shop:latest", "shop:SHA7", "shop:SHA7", {}),
    "circleci/tag-or-branch": Shape(
        "shop:main shop:SHA", "shop:v1.4.2 shop:SHA", "shop:feature-login shop:SHA", {}
    ),
    "circleci/orb-job": same(
        "team/api:latest team/api:SHA", {24: "`ecr-push repository apply` sets it"}, runs=False
    ),
    "circleci/orb-step": same("shop:42", runs=False),
    "gitlab/jobs": Shape("shop:SHA8 shop:latest", "shop:SHA8", "shop:SHA8", {}),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.at(tmp_path_factory.mktemp("moved"))


def of_ci(ci: str, event: str, sha: str) -> dict[str, str]:
    """What a CI says of a run."""
    if ci == "codebuild":
        trigger = {"branch": "branch/main", "tag": "tag/v1.4.2", "pull request": "pr/12"}[event]
        head = {"branch": "main", "pull request": "feature/login"}.get(event, "")
        return {
            "CODEBUILD_BUILD_ID": "app:0f1e",
            "CODEBUILD_BUILD_NUMBER": "42",
            "CODEBUILD_RESOLVED_SOURCE_VERSION": sha,
            "CODEBUILD_WEBHOOK_TRIGGER": trigger,
            **({"CODEBUILD_WEBHOOK_HEAD_REF": f"refs/heads/{head}"} if head else {}),
        }
    if ci == "circleci":
        name = {"branch": "main", "pull request": "feature/login"}.get(event)
        ref = {"CIRCLE_BRANCH": name} if name else {"CIRCLE_TAG": "v1.4.2"}
        return {"CIRCLECI": "true", "CI": "true", "CIRCLE_SHA1": sha, "CIRCLE_BUILD_NUM": "42", **ref}
    if ci == "gitlab":
        ref = {
            "branch": {"CI_COMMIT_BRANCH": "main"},
            "tag": {"CI_COMMIT_TAG": "v1.4.2"},
            "pull request": {
                "CI_MERGE_REQUEST_IID": "12",
                "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature/login",
                "CI_PIPELINE_SOURCE": "merge_request_event",
            },
        }[event]
        return {"GITLAB_CI": "true", "CI_COMMIT_SHA": sha, "CI_COMMIT_SHORT_SHA": sha[:8],
                "CI_DEFAULT_BRANCH": "main", "CI_JOB_ID": "1", **ref}  # fmt: skip
    name = {"branch": "main", "tag": "v1.4.2", "pull request": "PR-12"}[event]
    more = {"tag": {"TAG_NAME": name}, "pull request": {"CHANGE_ID": "12", "CHANGE_BRANCH": "feature/login",
            "CHANGE_TARGET": "main"}}.get(event, {})  # fmt: skip
    return {"JENKINS_URL": "https://ci.example/", "BUILD_TAG": "jenkins-app-42", "BUILD_NUMBER": "42",
            "GIT_COMMIT": sha, "BRANCH_NAME": name, **more}  # fmt: skip


def test_every_line_without_an_equal_is_listed() -> None:
    for name, shape in SHAPES.items():
        _, after = moved(*name.split("/"))
        lost = {one.number: one.why for one in after.by_fate("no equal")}
        assert lost.keys() == shape.lost.keys(), name
        assert all(why.startswith(shape.lost[number]) for number, why in lost.items()), name


def test_shell_scripts(world: World) -> None:
    asked: list[tuple[str, str, Run]] = []
    for name, shape in SHAPES.items():
        ci, _, file = name.partition("/")
        if ci == "jenkins":
            continue
        before, after = moved(ci, file)
        for event in EVENTS:
            facts = of_ci(ci, event, world.head)
            for kind, text in (("before", before), ("after", after.text)):
                if kind == "before" and not shape.runs:
                    continue
                label = f"{ci}-{file}-{event}-{kind}".replace(" ", "-")
                record, folder = world.record(label), world.checkout(label, event)
                environ = {**world.environ(record), **facts}
                if ci in SCRIPTS:
                    SCRIPTS[ci](text, folder, environ)
                else:
                    project = {"SOURCE": str(world.tool.root), "COMMIT": world.tool.head}
                    secrets = {"/shop/dockerhub": "dummy"}
                    build = run_build(text, folder, environ, project=project, secrets=secrets)
                    assert build.succeeded, build.log
                if kind == "before":
                    assert pushed(record) == shape.expected(event, world.head), label
                    assert deployed(record) == shape.deploys.split(), label
                else:
                    assert not pushed(record) and not deployed(record), label
                    calls = deploys(record)
                    assert [words[0] for words in calls] == shape.deploys.split(), label
                    assert {words[1] for words in calls} <= shape.expected(event, world.head), label
                    asked += [(name, event, one) for one in runs(record, facts)]
    judge(world, asked, "codebuild", "circleci", "gitlab")


def test_jenkinsfiles(world: World, tmp_path: Path) -> None:
    """The moved ones run the library's step, with a stand-in for the CLI that notes its settings."""
    stand_in = StandIn.at(tmp_path / "library")
    notes = 'env -0 >"$NOTE"; '
    library = tmp_path / "library" / "library"
    (library / "vars" / "shared.groovy").write_text("Map call() { [:] }\n")
    scenarios: dict[str, Scenario] = {}
    for name, shape in SHAPES.items():
        ci, _, file = name.partition("/")
        if ci != "jenkins" or not shape.runs:
            continue
        before, after = moved(ci, file)
        for event in shape.events:
            for kind, text in (("before", before), ("after", after.text)):
                label = f"{file} {event} {kind}"
                record = world.record(label)
                run = notes.replace("$NOTE", f"{record}/run.$$") + ENDS
                made = stand_in.scenario(label.replace(" ", "-"), text, run=run)
                path = f"{world.folder / 'recorders'}:{made.agent['PATH']}"
                scenarios[label] = replace(
                    made,
                    workspace=tmp_path / "workspaces" / label.replace(" ", "-"),
                    repository=str(world.repository.root),
                    agent={**made.agent, **world.environ(record), "PATH": path},
                    environment=of_ci("jenkins", event, world.head),
                    commit=world.head,
                    library=library,
                    credentials=STORE,
                )
    asked: list[tuple[str, str, Run]] = []
    for label, one in play(scenarios, tmp_path).items():
        assert one.result == "SUCCESS", f"{label}: {one.error}\n{one.log}"
        file, rest = label.split(" ", 1)
        event, _, kind = rest.rpartition(" ")
        record = world.folder / "records" / label
        shape = SHAPES[f"jenkins/{file}"]
        if kind == "before":
            assert deployed(record) == shape.deploys.split(), label
            assert pushed(record) == shape.expected(event, world.head) | shape.left, label
            continue
        assert pushed(record) == shape.left and not deployed(record), label
        given: list[str] = []
        for note in record.glob("run.*[0-9]"):
            pairs = dict(pair.split("=", 1) for pair in note.read_text().split("\0") if "=" in pair)
            if pairs["ECRPUSH_COMMAND"] != "run":
                given.append(pairs["ECRPUSH_COMMAND"])
                assert pairs["ECRPUSH_ARGUMENTS"] in shape.expected(event, world.head), label
                continue
            settings = {key: value for key, value in pairs.items() if key in SETTINGS}
            facts = {**of_ci("jenkins", event, world.head), **settings}
            run_ = Run(one.workspace, pairs["ECR_PUSH_REPOSITORY"], [], facts)
            asked.append((f"jenkins/{file}", event, run_))
        assert sorted(given) == [f"deploy {one}" for one in shape.deploys.split()], label
    judge(world, asked, "jenkins")


# What says which release it is does not go to the image of a pull request, whatever the rules say.
OF_A_RELEASE = re.compile(r".*:(latest|v?[0-9]+\.[0-9]+\.[0-9]+)")


def kept(name: str, event: str, tags: set[str]) -> set[str]:
    """CircleCI's run is one of a branch here, which has a pull request or not."""
    is_request = event == "pull request" and not name.startswith("circleci/")
    return {one for one in tags if not is_request or not OF_A_RELEASE.fullmatch(one)}


def judge(world: World, asked: list[tuple[str, str, Run]], *cis: str) -> None:
    """Each shape's runs give the tags that its original pushes, and a pull request none of a release."""
    answers = names([run for _, _, run in asked], world.folder)
    found: dict[tuple[str, str], set[str]] = {}
    for (name, event, _), tags in zip(asked, answers, strict=True):
        if tags:
            found.setdefault((name, event), set()).update(tags)
    expected = {
        (name, event): kept(name, event, shape.expected(event, world.head))
        for name, shape in SHAPES.items()
        for event in (shape.events if "jenkins" in cis else EVENTS)
        if name.partition("/")[0] in cis
        and (shape.runs or "jenkins" not in cis)
        and kept(name, event, shape.expected(event, world.head))
    }
    assert found == expected
