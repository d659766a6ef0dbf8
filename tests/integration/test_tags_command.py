"""`ecr-push tags` as a user calls it: in checkouts and without one, with the environments of the CIs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository

COMMIT = "860c1904a1ce19322e91ac35af1ab07466440c37"
MERGE = "a9c8c5828b91be19d9728548b24759e352367ef1"


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """The command line, without a registry that answers."""
    return CommandLine.at(tmp_path / "cli", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})


def document(cli: CommandLine, *arguments: str | Path, **environ: str) -> Mapping[str, Any]:
    ended = cli.command("tags", *arguments, "--output", "json", **environ)
    assert ended.code == 0, ended.stderr
    found: Mapping[str, Any] = json.loads(ended.stdout)
    return found


def names(printed: Mapping[str, Any]) -> list[str]:
    return [one["tag"] for one in printed["tags"]]


def github(tmp_path: Path, *, event: Mapping[str, Any] | None = None, **variables: str) -> dict[str, str]:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event or {}))
    given = {f"GITHUB_{name}": value for name, value in variables.items()}
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path), "GITHUB_SHA": COMMIT, **given}


JENKINS = {"JENKINS_URL": "https://ci.example/", "GIT_COMMIT": COMMIT, "BUILD_TAG": "jenkins-app-7"}
CODEBUILD = {"CODEBUILD_BUILD_ID": "app:0f1e", "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT}
SHA = f"sha-{COMMIT[:12]}"
WITHOUT_GIT = [
    (JENKINS | {"TAG_NAME": "v1.4.2", "BRANCH_NAME": "v1.4.2"}, [SHA, "1.4.2", "1.4", "1", "latest"]),
    (JENKINS | {"BRANCH_NAME": "feature/login"}, [SHA, "feature-login"]),
    (JENKINS | {"CHANGE_ID": "12", "CHANGE_BRANCH": "fix", "BRANCH_NAME": "PR-12"}, [SHA, "pr-12"]),
    (CODEBUILD | {"CODEBUILD_WEBHOOK_TRIGGER": "tag/v1.4.2"}, [SHA, "1.4.2", "1.4", "1", "latest"]),
    (CODEBUILD | {"CODEBUILD_WEBHOOK_TRIGGER": "branch/main"}, [SHA, "main"]),
    (CODEBUILD, [SHA]),  # CodePipeline: neither branch nor tag
]


@pytest.mark.parametrize(("environ", "expected"), WITHOUT_GIT)
def test_without_git_the_ci_says_what_is_built(
    cli: CommandLine, tmp_path: Path, environ: dict[str, str], expected: list[str]
) -> None:
    printed = document(cli, tmp_path, **environ)
    assert names(printed) == expected
    assert printed["labels"]["org.opencontainers.image.revision"] == COMMIT


@pytest.mark.parametrize(
    ("arguments", "version"),
    [(("--version", "2.0.0"), "2.0.0"), (("--version-file", "VERSION"), "1.9.0"), ((), "")],
)
def test_without_git_a_version_is_an_option_or_from_a_file(
    cli: CommandLine, tmp_path: Path, arguments: tuple[str, ...], version: str
) -> None:
    (tmp_path / "VERSION").write_text("1.9.0\n")
    given = [str(tmp_path / one) if one == "VERSION" else one for one in arguments]
    printed = document(cli, tmp_path, *given, **CODEBUILD)
    assert (printed["version"], printed["isRelease"]) == (version, bool(version))
    assert names(printed)[1:] == ([version, version[:3], version[0], "latest"] if version else [])


def test_a_version_file_that_a_link_leads_out_of_the_checkout_is_not_shown(
    cli: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("hunter2\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "VERSION").symlink_to("../secret")
    ended = cli.command("tags", tmp_path / "app", "--version-strategy", "file", **CODEBUILD)
    assert ended.code == 2 and "it leads outside the checkout by a symlink" in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout


def test_without_git_and_without_a_ci_there_is_a_remedy(cli: CommandLine, tmp_path: Path) -> None:
    ended = cli.command("tags", tmp_path)
    assert (ended.code, ended.stdout) == (2, "")
    assert "is not in a git repository" in ended.stderr
    assert "To do: " in ended.stderr


RULES = "type=semver,pattern={{version}}\ntype=ref,event=branch\ntype=ref,event=pr\ntype=sha\n"


def test_the_rules_of_a_workflow_on_github(cli: CommandLine, tmp_path: Path) -> None:
    pushed = github(tmp_path, REF="refs/heads/dev", REF_NAME="dev", REF_TYPE="branch", EVENT_NAME="push")
    assert names(document(cli, tmp_path, ECR_PUSH_TAGS=RULES, **pushed)) == ["sha-860c190", "dev"]
    tagged = github(tmp_path, REF="refs/tags/v1.1.1", REF_NAME="v1.1.1", REF_TYPE="tag", EVENT_NAME="push")
    assert names(document(cli, tmp_path, ECR_PUSH_TAGS=RULES, **tagged)) == ["sha-860c190", "1.1.1", "latest"]
    event = {"number": 15, "pull_request": {"number": 15, "head": {"sha": COMMIT}, "base": {"ref": "main"}}}
    request = github(
        tmp_path, event=event, REF="refs/pull/15/merge", REF_NAME="15/merge", REF_TYPE="branch", SHA=MERGE,
        EVENT_NAME="pull_request", HEAD_REF="fix", BASE_REF="main",
    )  # fmt: skip
    assert names(document(cli, tmp_path, ECR_PUSH_TAGS=RULES, **request)) == ["sha-860c190", "pr-15"]
    peer = document(cli, tmp_path, ECR_PUSH_TAGS=RULES, ECR_PUSH_NAMING="metadata-action", **request)
    assert names(peer) == [f"sha-{MERGE[:7]}", "pr-15"]


EVENTS = [
    # event, the run's ref and commit, what is checked out -> tags; the action's own are the comment's
    ("pull_request", "refs/pull/12/merge", "merge", "merge", ["pr-12", "sha-merge", "b--main"]),
    # sha-merge: a tag of a commit is the one that was built
    ("pull_request", "refs/pull/12/merge", "merge", "head", ["pr-12", "sha-head", "b--main"]),
    # pr-12 and sha-base for all three, whatever is checked out
    ("pull_request_target", "refs/heads/main", "base", "head", ["pr-12", "sha-head", "b--main"]),
    ("pull_request_target", "refs/heads/main", "base", "merge", ["pr-12", "sha-merge", "b--main"]),
    ("pull_request_target", "refs/heads/main", "base", "base", ["sha-base", "b--"]),
    # gh-readonly-queue-main-pr-12-…: a branch for this run alone
    ("merge_group", "refs/heads/gh-readonly-queue/main/pr-12-0f1e", "merge", "merge", ["sha-merge", "b--"]),
]


@pytest.mark.parametrize(("event", "ref", "sha", "out", "expected"), EVENTS)
def test_the_events_of_github_with_the_peers_naming(
    cli: CommandLine, tmp_path: Path, event: str, ref: str, sha: str, out: str, expected: list[str]
) -> None:
    project = GitRepository.init(tmp_path / "app")
    project.commit()
    project.branch("topic")
    commits = {"head": project.commit(files={"a": "1"})}
    project.switch("main")
    commits["base"] = project.commit(files={"b": "1"})
    project.git("checkout", "--quiet", "--detach")
    project.git(
        "merge", "--quiet", "--no-ff", f"--message=Merge {commits['head']} into {commits['base']}", "topic"
    )
    commits["merge"] = project.head
    project.switch(commits[out])
    request = {
        "number": 12,
        "head": {"sha": commits["head"]},
        "base": {"ref": "main", "sha": commits["base"]},
    }
    environ = github(
        tmp_path, event={"number": 12, "pull_request": request} if "pull" in event else {}, REF=ref,
        REF_NAME=ref.split("/", 2)[2], REF_TYPE="branch", SHA=commits[sha], EVENT_NAME=event,
        HEAD_REF="topic" if "pull" in event else "", BASE_REF="main" if "pull" in event else "",
    )  # fmt: skip
    rules = "type=ref,event=branch\ntype=ref,event=pr\ntype=sha\nb-{{branch}}-{{base_ref}}\n"
    found = names(document(cli, project.root, "--naming", "metadata-action", "--tags", rules, **environ))
    known = {f"sha-{commit[:7]}": f"sha-{name}" for name, commit in commits.items()}
    assert {known.get(name, name) for name in found} == set(expected)


def test_explain_says_how_each_name_came_about(cli: CommandLine, tmp_path: Path) -> None:
    project = GitRepository.init(tmp_path / "app")
    project.commit()
    project.tag("v1.4.2")
    project.commit("feat(shop): sell tickets")
    ended = cli.command("tags", project.root, "--explain", "--version-strategy", "conventional")
    assert ended.code == 0, ended.stderr
    for part in (
        'version  1.5.0-dev.1  (1 commit after v1.4.2; "feat(shop): sell tickets" raises the minor version)',
        "1.5.0-dev.1       a snapshot: the first image keeps it",
        f"commit   {project.head} on main",
        "scheme   semver, strategy conventional",
        "after    v1.4.2, 1 commit",
        "label    org.opencontainers.image.version=1.5.0-dev.1",
    ):
        assert part in ended.stdout, ended.stdout
    said = cli.command("tags", project.root, "--explain", "--version", "9.9.9")
    assert "strategy explicit" in said.stdout
    ruled = cli.command("tags", project.root, "--explain", "--tags", RULES)
    assert (
        "line 1: type=semver,pattern={{version}} -> nothing: the ref is a branch, not a tag" in ruled.stdout
    )
    assert "rule     line 2: type=ref,event=branch -> main: the branch" in ruled.stdout


def test_every_bad_rule_at_once_each_with_its_line(cli: CommandLine, tmp_path: Path) -> None:
    project = GitRepository.init(tmp_path / "app")
    rules = "  type=semvr\n  # fine\n  type=ref,event=brnch\n\n  type=raw\n"
    project.commit(files={"ecr-push.yml": f"tags: |\n{rules}flavor: latest=maybe\n"})
    ended = cli.command("tags", project.root, "--label", "x={{brnach}}", "--channel", "next")
    assert (ended.code, ended.stdout) == (2, "")
    for part in (
        "wrong in 6 places",
        "ecr-push.yml, line 1, tags: line 1: type=semvr: there is no type 'semvr'",
        "did you mean 'semver'?",
        "tags: line 3: event=brnch: there is no event 'brnch'; expected one of branch, tag, pr;",
        "tags: line 5: type=raw: type=raw needs value=",
        "ecr-push.yml, line 7, flavor: line 1: latest=maybe",
        "--label: {{brnach}}: there is no expression 'brnach' here",
        "did you mean 'branch'?",
        "--channel: 'next' is not a valid channel",
    ):
        assert part in ended.stderr, ended.stderr


def test_a_monorepos_image_has_its_own_tags_and_commits(cli: CommandLine, tmp_path: Path) -> None:
    project = GitRepository.init(tmp_path / "app")
    project.commit(
        files={"services/api/Dockerfile": "FROM scratch\n", "services/web/Dockerfile": "FROM scratch\n"}
    )
    project.tag("api/v1.2.3")
    project.tag("web/v7.0.0")
    project.commit(files={"services/web/page": "1"})
    project.commit(files={"services/api/code": "1"})
    project.commit(files={"libs/common": "1"})
    api = project.root / "services" / "api"
    assert document(cli, api, "--tag-prefix", "api/")["version"] == "1.2.4-dev.1"
    both = ("--path", "services/api", "--path", "libs/common")
    assert document(cli, api, "--tag-prefix", "api/", *both)["version"] == "1.2.4-dev.2"
    assert (
        document(cli, project.root / "services" / "web", "--tag-prefix", "web/")["version"] == "7.0.1-dev.1"
    )
    assert document(cli, project.root, "--tag-prefix", "api/")["version"] == "1.2.4-dev.3"
    misspelt = cli.command("tags", api, "--tag-prefix", "api/", "--path", "servces/api", "--path", "libs")
    assert misspelt.stderr == ""  # a commit counts, by the other path
    misspelt = cli.command("tags", api, "--tag-prefix", "api/", "--path", "servces/api")
    said = "no commit counts for the path servces/api: the checkout does not have it"
    assert misspelt.stderr == f"ecr-push: {said}\n"


def test_tags_that_count_as_no_version_are_named(cli: CommandLine, tmp_path: Path) -> None:
    project = GitRepository.init(tmp_path / "app")
    project.commit()
    project.tag("web/v1.0.0")
    project.tag("v2.1")
    web = cli.command("tags", project.root, "--tag-prefix", "web")
    assert (
        "ecr-push: no git tag is a version of semver after --tag-prefix web; versions have web/ (1 tag)"
        in web.stderr
    )
    assert "did you mean 'web/'?" in web.stderr
    run = cli.command("tags", project.root, "--tag-ref", "v2.1")
    assert run.code == 0 and run.stdout.startswith("version  0.1.0-dev.1 ")
    assert "v2.1 is not a release: v2.1 is not a version of semver; --version-scheme two-part" in run.stderr
    for fine in (("--version-scheme", "two-part"), ("--tag-prefix", "web/"), ("--version", "2.1.0")):
        assert cli.command("tags", project.root, "--branch", "main", *fine).stderr == ""
    rules = ("--tags", "type=match,pattern=v(.*),group=1", "--tag-ref", "v2.1")
    assert "is not a release" not in cli.command("tags", project.root, *rules).stderr
    peer = ("--naming", "metadata-action", "--version-scheme", "YYYY.MICRO")
    assert cli.command("tags", project.root, *peer).stderr == ""


def test_source_date_epoch(cli: CommandLine, tmp_path: Path) -> None:
    project = GitRepository.init(tmp_path / "app")
    project.commit()
    rule = ("--tags", "type=raw,value={{date 'YYYYMMDD'}}")
    printed = document(cli, project.root, *rule, SOURCE_DATE_EPOCH="1577836800")
    assert names(printed) == ["20200101"]
    assert printed["labels"]["org.opencontainers.image.created"] == "2020-01-01T00:00:00Z"
    wrong = cli.command("tags", project.root, SOURCE_DATE_EPOCH="yesterday")
    assert wrong.code == 2
    assert "SOURCE_DATE_EPOCH: 'yesterday' is not a valid time" in wrong.stderr


HOSTILE = [
    "quo'te\"d", "$(touch${IFS}pwned)", "`touch pwned`", "a;touch pwned", "a&b=c", "ünïcode-🚀", "x" * 240,
    "@scope/x", "#12", "ÄÖÜ", "v1.4.2", "latest", "sha-0123456789ab", "candidate-x", "pr-12", "-dash",
]  # fmt: skip


@pytest.mark.parametrize("branch", HOSTILE)
def test_hostile_branches(cli: CommandLine, tmp_path: Path, branch: str) -> None:
    project = GitRepository.init(tmp_path / "app")
    project.commit()
    reference = branch.replace(" ", "\u00a0")  # git allows no blank
    project.git("update-ref", f"refs/heads/{reference}", "HEAD")
    project.git("symbolic-ref", "HEAD", f"refs/heads/{reference}")
    found = []
    for more in ((), ("--tags", "type=ref,event=branch\ntype=raw,value=x-{{branch}}")):
        ended = cli.command("tags", project.root, *more, "--output", "json")
        if ended.code == 2:  # a rule's `candidate-…` is refused, as any of the user's
            assert "kept for unjudged images" in ended.stderr
            continue
        assert ended.code == 0, ended.stderr
        found += names(json.loads(ended.stdout))
    for name in found:
        assert len(name) <= 128 and name[0] not in ".-" and name.isascii()
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
    assert not list(tmp_path.rglob("pwned"))
