"""The command line in a job on GitHub: OIDC, forks, and which stream says what. No workflow around it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from ecr_push.report.ci.github import OUTPUTS
from ecr_push.sandbox.server import Sandbox
from tests.support import images
from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository
from tests.support.oidc import OidcEndpoint

pytestmark = pytest.mark.usefixtures("engine")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@dataclass
class Job:
    """A job without keys of AWS. outputs and summary are the runner's files."""

    cli: CommandLine
    folder: Path
    account: str

    @property
    def role(self) -> str:
        return f"arn:aws:iam::{self.account}:role/push-team-app"

    def event(self, **event: object) -> None:
        (self.folder / "event.json").write_text(json.dumps(event))

    def run(self, *arguments: str | Path, **environ: str) -> Ended:
        for name in ("outputs", "summary"):
            (self.folder / name).write_text("")
        github = {**self.environ, **environ}
        return self.cli.run(*arguments, "--create-repository", "-r", "team/app", **github)

    def command(self, *arguments: str | Path, **environ: str) -> Ended:
        """Any command, as it is."""
        return self.cli.command(*arguments, **{**self.environ, "ECR_PUSH_REPOSITORY": "team/app", **environ})

    @property
    def environ(self) -> dict[str, str]:
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_REPOSITORY": "acme/app",
            "GITHUB_RUN_ID": "987",
            "GITHUB_RUN_ATTEMPT": "2",
        }

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "outputs").read_text().split("\n")[:-1]
        found = {}
        while lines:
            name, _, delimiter = lines.pop(0).partition("<<")
            end = lines.index(delimiter)
            found[name] = "\n".join(lines[:end])
            del lines[: end + 1]
        return found

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text()


@pytest.fixture
def job(cli: CommandLine, sandbox: Sandbox, tmp_path: Path) -> Job:
    for name in KEYS:
        del cli.environ[name]
    made = Job(cli, tmp_path / "job", sandbox.options.account)
    made.folder.mkdir()
    made.event()
    return made


@pytest.fixture
def oidc() -> Iterator[OidcEndpoint]:
    with OidcEndpoint() as endpoint:
        yield endpoint


def test_a_role_is_assumed_with_the_jobs_token(
    job: Job, oidc: OidcEndpoint, sandbox: Sandbox, project: GitRepository
) -> None:
    oidc.failures = [503]
    ended = job.run(project.root, "--role-to-assume", job.role, **oidc.environment)
    assert ended.code == 0, ended.stderr
    assert len(oidc.tokens) == 1, "the clients of a run share what was issued"
    # The runner is asked once to mask it, and it is nowhere else.
    everything = ended.stdout + ended.stderr + job.summary + (job.folder / "outputs").read_text()
    assert everything.count(oidc.tokens[0]) == everything.count(f"::add-mask::{oidc.tokens[0]}\n") == 1


def test_another_role_is_assumed_from_there(job: Job, oidc: OidcEndpoint, project: GitRepository) -> None:
    other = job.role.replace("push-team-app", "deploy")
    ended = job.run(project.root, "--role-to-assume", job.role, "--role", other, **oidc.environment)
    assert ended.code == 0, ended.stderr


def test_a_job_without_the_permission_is_an_error_that_names_it(job: Job, project: GitRepository) -> None:
    ended = job.run(project.root, "--role-to-assume", job.role)
    assert ended.code == 4
    assert "give the job `permissions: id-token: write`" in ended.stderr
    assert (job.outputs["verdict"], job.outputs["exit-code"]) == ("failed", "4")
    assert "id-token: write" in job.summary


def test_a_role_that_trusts_others_is_an_error_that_names_the_subject(
    job: Job, oidc: OidcEndpoint, project: GitRepository
) -> None:
    strange = "arn:aws:iam::999999999999:role/push-team-app"
    ended = job.run(project.root, "--role-to-assume", strange, **oidc.environment)
    assert ended.code == 4
    assert f"AWS refused sts:AssumeRoleWithWebIdentity for {strange}" in ended.stderr
    assert "sub repo:acme/app:ref:refs/tags/v1.4.2, aud sts.amazonaws.com" in ended.stderr
    assert "the role's trust policy must name" in ended.stderr


def test_a_token_that_came_too_late(job: Job, oidc: OidcEndpoint, project: GitRepository) -> None:
    oidc.life = -60
    ended = job.run(project.root, "--role-to-assume", job.role, **oidc.environment)
    assert ended.code == 4
    assert "ExpiredTokenException" in ended.stderr and "run again" in ended.stderr


def test_elsewhere_there_is_no_such_token(job: Job, project: GitRepository) -> None:
    ended = job.run(project.root, "--role-to-assume", job.role, GITHUB_ACTIONS="")
    assert ended.code == 4
    assert "there is no OIDC token" in ended.stderr
    assert not job.outputs and not job.summary


@pytest.fixture
def from_fork(job: Job, project: GitRepository) -> Job:
    """A pull request from a fork, and a runner that has keys nevertheless."""
    project.commit("Change")
    head = {"sha": project.head, "ref": "main", "repo": {"full_name": "mallory/app"}}
    job.event(number=12, pull_request={"number": 12, "head": head}, repository={"full_name": "acme/app"})
    return job


def with_keys(sandbox: Sandbox) -> dict[str, str]:
    return {name: sandbox.environment[name] for name in KEYS}


def repositories(sandbox: Sandbox) -> list[str]:
    client = boto3.client(
        "ecr",
        region_name=sandbox.options.region,
        endpoint_url=sandbox.url,
        aws_access_key_id=sandbox.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=sandbox.environment["AWS_SECRET_ACCESS_KEY"],
    )
    return [one["repositoryName"] for one in client.describe_repositories()["repositories"]]


@pytest.mark.parametrize("docker_buildx", [True, False], ids=["buildx", "engine"])
def test_a_forks_image_is_built_and_stays_here(
    from_fork: Job, sandbox: Sandbox, project: GitRepository, docker_buildx: bool, tmp_path: Path
) -> None:
    """Also where there are keys: an outsider's image never reaches the registry by itself."""
    environ = {} if docker_buildx else {"PATH": without_buildx(tmp_path, from_fork.cli.environ["PATH"])}
    ended = from_fork.run(project.root, **with_keys(sandbox), **environ)
    assert ended.code == 0, ended.stderr
    assert "CHECKED  a pull request from a fork is built and checked" in ended.stderr
    assert not ended.stdout and not repositories(sandbox)
    assert from_fork.outputs["verdict"] == "checked" and "pr-12" in from_fork.outputs["tags"]
    assert ended.document["status"] == "checked" and ended.document["image"] is None


def without_buildx(folder: Path, path: str) -> str:
    docker = folder / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(
        f'#!/bin/sh\n[ "$1" != buildx ] || exit 1\nPATH="{path}"\nexport PATH\nexec docker "$@"\n'
    )
    docker.chmod(0o755)
    return f"{docker.parent}:{path}"


def test_a_forks_image_that_does_not_build(from_fork: Job, project: GitRepository) -> None:
    project.commit("Break", {"Dockerfile": "FROM scratch\nCOPY nowhere /\n"})
    ended = from_fork.run(project.root)
    assert ended.code == 3
    assert from_fork.outputs["verdict"] == "failed"


def test_a_fork_can_be_refused_and_can_be_pushed(
    from_fork: Job, sandbox: Sandbox, project: GitRepository
) -> None:
    ended = from_fork.run(project.root, "--on-fork", "fail", **with_keys(sandbox))
    assert ended.code == 2 and "from a fork, which is not pushed" in ended.stderr
    assert not repositories(sandbox)
    ended = from_fork.run(project.root, "--on-fork", "push", **with_keys(sandbox))
    assert ended.code == 0 and repositories(sandbox) == ["team/app"]


@pytest.mark.parametrize("line", ["on-fork: push", "sandbox: true", "branch: main", "nonsense: 1"])
def test_a_fork_cannot_say_that_it_is_none(
    line: str, from_fork: Job, sandbox: Sandbox, project: GitRepository
) -> None:
    project.commit("Let me in", {"ecr-push.yml": f"{line}\ntag: [latest, pwned]\n"})
    ended = from_fork.run(project.root, "--create-repository", **with_keys(sandbox))
    assert ended.code == 0, ended.stderr
    assert "ecr-push.yml is not read: it is part of the code that is checked" in ended.stderr
    assert from_fork.outputs["verdict"] == "checked" and not repositories(sandbox)
    assert not {"latest", "pwned", "main"} & set(from_fork.outputs["tags"].split("\n"))


@pytest.mark.parametrize("on_fork", ["check", "fail", "push"])
def test_a_fork_reads_and_writes_no_file_of_ours(
    on_fork: str, from_fork: Job, sandbox: Sandbox, project: GitRepository, tmp_path: Path
) -> None:
    for name in ("keys", "deploy", "sarif"):
        (tmp_path / name).write_text("ours")
    own = {
        "report": [f"text={tmp_path}/keys", f"imagedefinitions={tmp_path}/deploy", f"sarif={tmp_path}/sarif"],
        "dockerfile": f"{tmp_path}/keys",
        "nonsense": 1,
    }
    project.commit("Let me in", {"ecr-push.yml": json.dumps(own)})
    ended = from_fork.run(project.root, "--on-fork", on_fork, **with_keys(sandbox))
    assert ended.code == (2 if on_fork == "fail" else 0), ended.stderr
    assert {(tmp_path / name).read_text() for name in ("keys", "deploy", "sarif")} == {"ours"}


def test_a_fork_starts_no_program_of_its_own_here(from_fork: Job, project: GitRepository) -> None:
    """buildx has git look at the context, and git's variables can name programs: nothing says them for it."""
    variables = {
        "GIT_OBJECT_DIRECTORY": "/tmp",
        "GIT_ALLOW_PROTOCOL": "ext",
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "remote.o.promisor",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_CONFIG_KEY_1": "remote.o.url",
        "GIT_CONFIG_VALUE_1": "ext::sh ran.sh",
        "GIT_CONFIG_KEY_2": "extensions.partialClone",
        "GIT_CONFIG_VALUE_2": "o",
    }
    files = {"ecr-push.yml": json.dumps({"build-arg": variables}), "ran.sh": "touch ran\n"}
    project.commit("Let me in", files)
    ended = from_fork.run(project.root)
    assert ended.code == 0 and not (project.root / "ran").exists(), ended.stderr
    # Given by a user who may set options, they are build arguments, not docker's variables.
    arguments = [f"--build-arg={name}={value}" for name, value in variables.items()]
    ended = from_fork.run(project.root, *arguments)
    assert ended.code == 0 and not (project.root / "ran").exists(), ended.stderr


def test_a_fork_shows_no_file_of_ours(
    from_fork: Job, project: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "VERSION").write_text("hunter2\n")
    project.commit("Let me see", {"ecr-push.yml": f"version-file: {tmp_path}/VERSION\n"})
    monkeypatch.chdir(project.root)
    for command in ("tags", "plan", "run"):
        ended = from_fork.command(command)
        assert ended.code == 0 and "hunter2" not in ended.stderr + ended.stdout, ended.stderr


@pytest.mark.parametrize(
    "words",
    [("scan", "team/app:1"), ("promote", "team/app:1", "prod"), ("rollback", "latest", "-r", "team/app")],
)
def test_a_fork_says_nothing_of_how_an_image_is_judged(
    words: tuple[str, ...], from_fork: Job, project: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.commit("Let me in", {"ecr-push.yml": "nonsense: 1\n"})
    monkeypatch.chdir(project.root)
    ended = from_fork.cli.command(*words, **from_fork.environ)
    assert ended.code == 4 and "nonsense" not in ended.stderr, ended.stderr
    ended = from_fork.cli.command(*words)
    assert ended.code == 2 and "nonsense" in ended.stderr, ended.stderr


def test_only_what_is_checked_needs_no_repository(from_fork: Job, project: GitRepository) -> None:
    ended = from_fork.cli.command("rollback", "latest", **from_fork.environ)
    assert ended.code == 2 and "--repository: is required" in ended.stderr, ended.stderr
    ended = from_fork.cli.command("run", project.root, **from_fork.environ)
    assert ended.code == 0 and "CHECKED" in ended.stderr, ended.stderr


def test_a_fork_that_is_let_in_does_not_say_how(
    from_fork: Job, sandbox: Sandbox, project: GitRepository
) -> None:
    own = "tag: [latest, pwned]\nrepository: team/other\nfail-on: critical\n"
    head = project.commit("Let me in", {**images.VULNERABLE, "ecr-push.yml": own})
    from_fork.event(
        number=12,
        pull_request={"number": 12, "head": {"sha": head, "repo": {"full_name": "mallory/app"}}},
        repository={"full_name": "acme/app"},
    )
    ended = from_fork.run(project.root, "--on-fork", "push", **with_keys(sandbox))
    assert ended.code == 10, ended.stderr
    assert repositories(sandbox) == ["team/app"]
    assert {one["tag"] for one in ended.document["tags"]}.isdisjoint({"latest", "pwned"})


@pytest.mark.parametrize("options", [("plan",), ("run", "--dry-run")], ids=["plan", "dry run"])
def test_what_is_planned_for_a_fork_needs_no_credentials(
    options: tuple[str, ...], from_fork: Job, project: GitRepository
) -> None:
    ended = from_fork.command(*options, project.root)
    assert ended.code == 0, ended.stderr
    assert "not looked up: a pull request from a fork is not pushed" in ended.stdout
    assert "tag         pr-12\n" in ended.stdout
    document = from_fork.command(*options, project.root, "--output", "json").stdout
    assert json.loads(document)["status"] == "planned"
    ended = from_fork.command(*options, project.root, "--on-fork", "fail")
    assert ended.code == 2 and "from a fork, which is not pushed" in ended.stderr


def merge_of_pull_request(project: GitRepository, message: str = "") -> tuple[str, str]:
    """A pull request of one commit that is up to date, merged and checked out; its base and its head."""
    base = project.commit("Work on")
    project.git("checkout", "--quiet", "-b", "theirs")
    head = project.commit("Let me in")
    project.git("checkout", "--quiet", "--detach", base)
    text = message or f"Merge {head} into {base}"
    project.git("merge", "--quiet", "--no-ff", f"--message={text}", head)
    return base, head


BY_ANYONE = ("issue_comment", "workflow_run")
RUNS_OF_MAIN = [
    *((event, checkout) for event in BY_ANYONE for checkout in ("the merge", "the head", "a branch main")),
    # Started by users who may push, or by a schedule: the branch that they name is right.
    *(
        (event, checkout)
        for event in ("workflow_dispatch", "schedule")
        for checkout in ("the merge", "the head")
    ),
]


@pytest.mark.parametrize(("event", "checkout"), RUNS_OF_MAIN)
def test_a_run_of_main_does_not_release_what_is_not_mains(
    event: str, checkout: str, job: Job, project: GitRepository
) -> None:
    """Under these events GITHUB_REF and GITHUB_SHA are the default branch's, whatever is checked out."""
    base, head = merge_of_pull_request(project)
    if checkout == "the head":
        project.git("checkout", "--quiet", "--detach", head)
    if checkout == "a branch main":
        project.git("checkout", "--quiet", "-B", "main", head)
    job.event(repository={"full_name": "acme/app"}, workflow_run={"head_repository": {"full_name": "m/app"}})
    if event != "workflow_run":
        job.event(repository={"full_name": "acme/app"}, issue={"number": 12, "pull_request": {}})
    run = {"GITHUB_EVENT_NAME": event, "GITHUB_REF": "refs/heads/main", "GITHUB_SHA": base}
    ended = job.command("tags", project.root, "--output", "json", **run)
    assert ended.code == 0, ended.stderr
    tags = {one["tag"] for one in json.loads(ended.stdout)["tags"]}
    assert "main" not in tags and f"sha-{base[:12]}" not in tags
    assert "comes after the run's commit" in ended.stderr
    # The run's own commit is main's.
    project.git("checkout", "--quiet", "--detach", base)
    ended = job.command("tags", project.root, "--output", "json", **run)
    assert "main" in {one["tag"] for one in json.loads(ended.stdout)["tags"]}


@pytest.mark.parametrize("event", BY_ANYONE)
def test_the_tags_of_a_forks_clone_are_not_releases(event: str, job: Job, project: GitRepository) -> None:
    """A workflow may check out the fork's repository, with the fork's own tags."""
    base, head = merge_of_pull_request(project)
    project.git("checkout", "--quiet", "--detach", head)
    project.tag("v9.9.9")
    job.event(repository={"full_name": "acme/app"})
    run = {"GITHUB_EVENT_NAME": event, "GITHUB_REF": "refs/heads/main", "GITHUB_SHA": base}
    for strategy in ("describe", "tag", "conventional"):
        options = ("--output", "json", "--version-strategy", strategy)
        ended = job.command("tags", project.root, *options, **run)
        printed = json.loads(ended.stdout)
        assert not printed["isRelease"] and not {"9.9.9", "9", "latest"} & {
            one["tag"] for one in printed["tags"]
        }
    rules = ("--tags", "type=semver,pattern={{version}}\ntype=ref,event=tag")
    ended = job.command("tags", project.root, "--output", "json", *rules, **run)
    assert json.loads(ended.stdout)["tags"] == []


def test_what_a_comment_has_built_is_not_pushed_by_itself(
    job: Job, sandbox: Sandbox, project: GitRepository
) -> None:
    base, _ = merge_of_pull_request(project)
    job.event(repository={"full_name": "acme/app"}, issue={"number": 12, "pull_request": {}})
    run = {"GITHUB_EVENT_NAME": "issue_comment", "GITHUB_REF": "refs/heads/main", "GITHUB_SHA": base}
    ended = job.run(project.root, **with_keys(sandbox), **run)
    assert ended.code == 0, ended.stderr
    assert "code that the event issue_comment does not name" in ended.stderr
    assert not ended.stdout and not repositories(sandbox)
    project.git("checkout", "--quiet", "--detach", base)
    ended = job.run(project.root, **with_keys(sandbox), **run)
    assert ended.code == 0 and repositories(sandbox), "the run's own commit is the repository's"


def on_a_comment(job: Job, commit: str) -> dict[str, str]:
    job.event(repository={"full_name": "acme/app"}, issue={"number": 12, "pull_request": {}})
    return {"GITHUB_EVENT_NAME": "issue_comment", "GITHUB_REF": "refs/heads/main", "GITHUB_SHA": commit}


NOT_THE_RUNS = [
    "a patch",
    "a new file",
    "a folder",
    "an ignored folder",
    "a Dockerfile",
    "an image",
    "no git",
]


@pytest.mark.parametrize("what", NOT_THE_RUNS)
def test_what_lies_beside_the_runs_own_commit_is_not_it(
    what: str, job: Job, project: GitRepository, tmp_path: Path
) -> None:
    """A pull request comes as a patch, too, or as what another run has built."""
    project.commit("Keep out", {".gitignore": "/out\n"})
    own, context, options = project.head, project.root, []
    if what == "a patch":
        project.write({"Dockerfile": "FROM scratch\nCOPY . /\n"})
    elif what == "a new file":
        project.write({"evil": "evil\n"})
    elif what in ("a folder", "an ignored folder"):
        context = project.root / ("theirs" if what == "a folder" else "out")
        GitRepository(context).write(images.CLEAN)
    elif what == "a Dockerfile":
        GitRepository(tmp_path / "theirs").write(images.CLEAN)
        options = ["--dockerfile", str(tmp_path / "theirs/Dockerfile")]
    elif what == "an image":
        options = ["--image", "theirs:latest"]
    else:
        context = tmp_path / "export"
        GitRepository(context).write(images.CLEAN)
        options = ["--commit", "f" * 40]
    ended = job.command("plan", context, "--on-fork", "fail", *options, **on_a_comment(job, own))
    assert ended.code == 2 and "code that the event issue_comment does not name" in ended.stderr


def test_the_runs_own_commit_is_ours(job: Job, sandbox: Sandbox, project: GitRepository) -> None:
    project.commit("Keep out", {".gitignore": "/out\n"})
    project.write({"out/made": "by the build\n"})
    options = ("--on-fork", "fail", "--create-repository")
    run = {**on_a_comment(job, project.head), **with_keys(sandbox)}
    ended = job.command("plan", project.root, *options, **run)
    assert ended.code == 0, ended.stderr


@pytest.mark.parametrize("event", BY_ANYONE)
def test_the_name_of_a_commit_does_not_prove_whose_it_is(
    event: str, job: Job, project: GitRepository
) -> None:
    """A fork's commit that the workflow names gets neither its own tags nor main's."""
    base, head = merge_of_pull_request(project)
    project.git("checkout", "--quiet", "--detach", head)
    run = {**on_a_comment(job, base), "GITHUB_EVENT_NAME": event}
    options = ("--output", "json", "--commit", head, "--on-fork", "push")
    for tag in ("", "v9.9.9"):
        if tag:
            project.tag(tag)
        printed = json.loads(job.command("tags", project.root, *options[:-2], **run).stdout)
        assert not printed["isRelease"] and not {"9.9.9", "latest", "main"} & {
            one["tag"] for one in printed["tags"]
        }
    ended = job.command("plan", project.root, *options[2:-1], "fail", **run)
    assert ended.code == 2 and "may be from a fork" in ended.stderr


def test_another_commit_does_not_get_the_tag_that_was_pushed(job: Job, project: GitRepository) -> None:
    pushed = project.head
    project.tag("v2.0.0")
    other = project.commit("Work on")
    run = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/tags/v2.0.0", "GITHUB_SHA": pushed}
    rules = ("--tags", "type=semver,pattern={{version}}\ntype=ref,event=tag")
    for more in ((), rules):
        ended = job.command("tags", project.root, "--output", "json", "--commit", other, *more, **run)
        assert ended.code == 0, ended.stderr
        printed = json.loads(ended.stdout)
        assert not printed["isRelease"]
        assert not {"2.0.0", "v2.0.0", "latest"} & {one["tag"] for one in printed["tags"]}


def test_a_policy_out_of_reach_does_not_stop_the_check_of_a_fork(
    from_fork: Job, project: GitRepository
) -> None:
    ended = from_fork.run(project.root, "--policy", "s3://policies/strict.yml")
    assert ended.code == 0, ended.stderr


def test_the_runner_masks_the_password_in_both_its_forms(
    job: Job, sandbox: Sandbox, oidc: OidcEndpoint, project: GitRepository
) -> None:
    """And what STS gave for the role: its secret key and its session token."""
    ended = job.run(project.root, "--role-to-assume", job.role, **oidc.environment)
    assert ended.code == 0, ended.stderr
    masks = re.findall("^::add-mask::(.*)$", ended.stderr, re.M)
    [password] = [one for one in masks if one.startswith("sandbox-")]
    assert base64.b64encode(f"AWS:{password}".encode()).decode() in masks
    assert len(masks) == len({*masks}) >= 5


def test_standard_output_carries_the_result_alone(job: Job, sandbox: Sandbox, project: GitRepository) -> None:
    ended = job.run(project.root, **with_keys(sandbox))
    assert ended.image.endswith(job.outputs["digest"])
    assert ended.image == job.outputs["image"]
    assert "::group::build" in ended.stderr
    assert set(job.outputs) == set(OUTPUTS)


def test_the_ci_can_be_left_alone(job: Job, sandbox: Sandbox, project: GitRepository) -> None:
    ended = job.run(project.root, "--ci-output", "none", **with_keys(sandbox))
    assert ended.code == 0
    assert "::" not in ended.stderr and not job.outputs and not job.summary
    ended = job.run(project.root, "--ci-output", "none", "--fail-on", "hgih")
    assert ended.code == 2
    assert "::" not in ended.stderr and not job.outputs and not job.summary


def test_failed_job_outputs_do_not_change_the_verdict(
    job: Job, sandbox: Sandbox, project: GitRepository
) -> None:
    project.commit("Worse", images.VULNERABLE)
    ended = job.run(project.root, GITHUB_OUTPUT="/nowhere/outputs", **with_keys(sandbox))
    assert ended.code == 10
    assert "/nowhere/outputs: No such file or directory" in ended.stderr
    assert "## ❌ Refused" in job.summary


def test_what_the_wrapper_publishes_leaves_the_files_reports_alone(
    job: Job, sandbox: Sandbox, project: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`report` and `result` of ecr-push.yml are written, and are what the outputs name."""
    folder = project.root
    monkeypatch.chdir(folder)
    project.commit("Ask", {"ecr-push.yml": "report: [mine.html, mine.txt]\nresult: mine.json\n"})
    job.cli.environ["ECRPUSH_JOB_REPORTS"] = (
        f"json={job.folder}/r.json\nhtml={job.folder}/r.html\njunit={job.folder}/r.xml\n"
    )
    runner = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"}
    github = {**runner, "GITHUB_OUTPUT": str(job.folder / "outputs")}
    ended = job.cli.command(
        "run", folder, "--create-repository", "-r", "team/app", **github, **with_keys(sandbox)
    )
    assert ended.code == 0, ended.stderr
    assert all((folder / f"mine.{end}").is_file() for end in ("html", "txt", "json")), ended.stderr
    named = {name: job.outputs[name] for name in ("result", "html", "junit")}
    assert named == {
        "result": f"{folder}/mine.json",
        "html": f"{folder}/mine.html",
        "junit": f"{job.folder}/r.xml",
    }
