"""The GitHub Action as its users have it: workflows, the real act, the real engine, a sandbox kept up."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from ecr_push.report.ci.github import OUTPUTS
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from ecr_push.settings import declare as declared
from tests.support import images
from tests.support.act import EXAMPLES, KEPT, Act, Job
from tests.support.bundles import made_bundle
from tests.support.git_repository import GitRepository
from tests.support.oidc import BEARER, OidcEndpoint
from tests.support.paths import ROOT
from tests.support.pythons import path_without_uv
from tests.support.registry import remove_images
from tests.support.running_services import running_services
from tests.support.settings import load_settings

pytestmark = pytest.mark.usefixtures("engine")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
# What follows the action in a workflow, to see what its users see.
SHOW = """
      - if: always()
        env:
          OUTPUTS: ${{ toJSON(steps.image.outputs) }}
        run: printf '%s\\n' "$OUTPUTS"
"""


def workflow(inputs: str = "", *, before: str = "", after: str = "") -> str:
    """A workflow of one job that uses the action; inputs and steps as lines of YAML."""
    with_ = "".join(f"\n          {line}" for line in ("repository: team/app", *inputs.splitlines()))
    return f"""\
on: [push, pull_request]
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
{before}
      - uses: ecr-push/ecr-push@v1
        id: image
        with:{with_}
{SHOW}{after}
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(region="eu-west-1", account="123456789012", scan_delay=0.0)) as sandbox:
        yield sandbox
        remove_images(sandbox.host, sandbox.public_host)


@pytest.fixture
def ecr(sandbox: Sandbox) -> object:
    """ECR's API, as AWS's own client has it, with team/app in it."""
    client = boto3.client(
        "ecr",
        region_name="eu-west-1",
        endpoint_url=sandbox.url,
        aws_access_key_id=sandbox.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=sandbox.environment["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_repository(repositoryName="team/app", imageScanningConfiguration={"scanOnPush": True})
    return client


@pytest.fixture
def act(sandbox: Sandbox, tmp_path: Path, shared: Path) -> Act:
    """A runner with stored keys of AWS, and the action as a release has it."""
    return Act(tmp_path / "act", shared, dict(sandbox.environment), bundle=made_bundle())


@pytest.fixture
def installing(act: Act) -> Act:
    """One with the action of main, which has no bundle: it installs the package."""
    act.bundle = None
    return act


@pytest.fixture
def oidc() -> Iterator[OidcEndpoint]:
    with OidcEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def keyless(act: Act, oidc: OidcEndpoint) -> Act:
    """A runner without keys, whose jobs may ask GitHub for a token."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        del act.environ[name]
    act.environ.update(oidc.environment)
    return act


def consumer(folder: Path, files: images.Files, **workflows: str) -> GitRepository:
    """A repository that uses the action; a workflow is a text, or an example when it is empty."""
    made = GitRepository.init(folder)
    found = {
        f".github/workflows/{name.replace('_', '-')}.yml": text
        or (EXAMPLES / f"{name.replace('_', '-')}.yml").read_text(encoding="utf-8")
        for name, text in workflows.items()
    }
    made.commit("First", {**files, **found})
    return made


def tags(ecr: object, repository: str = "team/app") -> set[str]:
    listed = ecr.list_images(repositoryName=repository)["imageIds"]  # type: ignore[attr-defined]
    return {one["imageTag"] for one in listed if "imageTag" in one}


def shown(job: Job) -> dict[str, str]:
    """The action's outputs as the workflow's next step reads them."""
    begin = job.log.index("{\n")
    outputs: dict[str, str] = json.loads(job.log[begin : job.log.index("\n}", begin) + 2])
    return outputs


# ------------------------------------------------------------------------- the examples, as they stand


def test_a_tag_is_released_and_deployed_with_githubs_own_identity(
    keyless: Act, oidc: OidcEndpoint, ecr: object, sandbox: Sandbox, tmp_path: Path
) -> None:
    project = consumer(tmp_path / "app", images.CLEAN, release="")
    project.tag("v1.4.2")
    with running_services() as services:
        services.serve(f"{sandbox.host}/team/app:1.4.1", "eu-west-1")
        keyless.environ |= services.environ
        ended = keyless.push(project, "refs/tags/v1.4.2", "release.yml")
        served = services.served("eu-west-1")
    assert ended.code == 0, ended.text
    image, deploy = ended.jobs["release/image"], ended.jobs["release/deploy"]
    assert {"1.4.2", "1.4", "1", "latest"} <= tags(ecr)
    assert image.outputs["version"] == "1.4.2"
    assert "@sha256:" in image.outputs["image"]
    assert served == [image.outputs["image"]]
    assert deploy.outputs["verdict"] == "deployed"
    # The report is there for code scanning: the stand-in found it.
    assert re.search(r"sarif_file.*\.sarif.*\}\s*1\n", image.log, re.S)
    # GitHub's token was asked for AWS's STS, and is nowhere to be seen.
    assert set(oidc.audiences) == {"sts.amazonaws.com"}
    assert not any(token in image.everything for token in (*oidc.tokens, BEARER))
    # Folded by phases, in their order; nothing but lines of ours within.
    assert image.commands_of("group") == [
        *("source", "plan", "build", "push", "scan", "judge", "promote"),
    ]
    # The runner was asked to mask the registry's password.
    assert any(one.startswith("sandbox-") for one in image.masks)
    [summary] = set(image.summaries)
    assert "## ✅ Accepted: `team/app`" in summary
    assert not image.commands_of("error")


def test_a_branch_gets_its_image_and_its_report(keyless: Act, ecr: object, tmp_path: Path) -> None:
    project = consumer(tmp_path / "app", images.CLEAN, branch="")
    ended = keyless.push(project, "refs/heads/main", "branch.yml")
    assert ended.code == 0, ended.text
    assert {"main", f"sha-{project.head[:12]}"} <= tags(ecr)
    assert ended.job.outputs["html"] in ended.job.log


def test_a_pull_request_of_ones_own_is_pushed_and_judged(keyless: Act, ecr: object, tmp_path: Path) -> None:
    project = consumer(tmp_path / "app", images.CLEAN, pull_request="")
    project.branch("feature/x")
    project.commit("Change")
    ended = keyless.pull_request(project, "pull-request.yml", branch="feature/x")
    assert ended.code == 0, ended.text
    assert "pr-12" in tags(ecr)
    assert ended.job.outputs["verdict"] == "accepted"


def test_a_forks_pull_request_is_built_and_nothing_else(
    keyless: Act, oidc: OidcEndpoint, ecr: object, tmp_path: Path
) -> None:
    project = consumer(tmp_path / "app", images.CLEAN, pull_request="")
    project.branch("feature/x")
    project.commit("Change")
    ended = keyless.pull_request(project, "pull-request.yml", branch="feature/x", fork="mallory/app")
    assert ended.code == 0, ended.text
    outputs = ended.job.outputs
    assert (outputs["verdict"], outputs["image"], outputs["digest"]) == ("checked", "", "")
    assert (outputs["critical"], outputs["counts-json"]) == ("unknown", "{}")
    assert "pr-12" in json.loads(outputs["tags-json"])
    assert outputs["html"] and not outputs["sarif"], "code scanning would take it for the end of every alert"
    assert "sarif_file" not in ended.job.log
    assert not tags(ecr)
    assert not oidc.tokens, "a run that needs no credentials asks for none"
    assert any("not pushed, scanned or judged" in one for one in ended.job.commands_of("notice"))
    assert "## 📋 Checked: `team/app`" in ended.job.summaries[0]
    assert "COPY rootfs" in ended.job.log, "it was really built"


def test_several_images_of_one_repository(keyless: Act, ecr: object, tmp_path: Path) -> None:
    for name in ("team/api", "team/worker"):
        ecr.create_repository(repositoryName=name, imageScanningConfiguration={"scanOnPush": True})  # type: ignore[attr-defined]
    files = {f"{folder}/{name}": text for folder in ("api", "worker") for name, text in images.CLEAN.items()}
    project = consumer(tmp_path / "app", files, matrix="")
    project.tag("api/v1.2.3")
    project.tag("worker/v0.4.0")
    ended = keyless.push(project, "refs/tags/api/v1.2.3", "matrix.yml")
    assert ended.code == 0, ended.text
    assert {job.outputs["version"] for job in ended.jobs.values()} == {"1.2.3", "0.4.0"}
    assert "1.2.3" in tags(ecr, "team/api") and "0.4.0" in tags(ecr, "team/worker")


def test_each_image_that_changed_is_a_job(keyless: Act, ecr: Any, tmp_path: Path) -> None:
    lists = "region: eu-west-1\ncreate-repository: yes\nimages:\n"
    lists += "".join(f"  {one}: {{context: {one}, repository: team/{one}}}\n" for one in ("api", "web"))
    files = {f"{folder}/{name}": text for folder in ("api", "web") for name, text in images.CLEAN.items()}
    project = consumer(tmp_path / "app", {**files, "ecr-push.yml": lists}, images="")
    # The registry has an image of one of them: an index of nothing will do.
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}
    there = {"repositoryName": "team/api", "imageManifest": json.dumps(index)}
    ecr.create_repository(repositoryName="team/api")
    for tag in (f"sha-{project.head[:12]}", "main"):
        ecr.put_image(**there, imageManifestMediaType=index["mediaType"], imageTag=tag)
    ended = keyless.push(project, "refs/heads/main", "images.yml")
    assert ended.code == 0, ended.text
    found = [one for job in ended.jobs.values() if (one := job.outputs.get("matrix"))]
    assert json.loads(found[0]) == {"include": [{"name": "web", "only": "web"}]}
    assert f"sha-{project.head[:12]}" in tags(ecr, "team/web")


def test_an_organisations_reusable_workflow(keyless: Act, ecr: object, tmp_path: Path) -> None:
    project = consumer(tmp_path / "app", images.CLEAN, caller="")
    project.tag("v2.0.0")
    ended = keyless.push(project, "refs/tags/v2.0.0", "caller.yml")
    assert ended.code == 0, ended.text
    assert "2.0.0" in tags(ecr)


# ------------------------------------------------------------------------- what goes wrong


def test_a_refused_image_fails_the_job_and_is_reported(act: Act, ecr: object, tmp_path: Path) -> None:
    project = consumer(tmp_path / "app", images.VULNERABLE, ci=workflow())
    project.tag("v1.4.2")
    ended = act.push(project, "refs/tags/v1.4.2", "ci.yml")
    job = ended.job
    assert (ended.code, job.result) == (1, "failure")
    outputs = shown(job)
    # What the workflow sees is what action.yml declares. act leaks what inner steps set besides.
    assert set(outputs) == set(ACTION["outputs"]) == set(OUTPUTS)
    assert (outputs["verdict"], outputs["exit-code"], outputs["image"]) == ("refused", "10", "")
    assert outputs["digest"].startswith("sha256:")
    assert (outputs["critical"], outputs["high"], outputs["tags"]) == ("1", "0", "")
    assert json.loads(outputs["counts-json"])["CRITICAL"] == 1
    assert tags(ecr) == {outputs["candidate"]}
    assert "## ❌ Refused: `team/app`" in job.summaries[0] and "CVE-2020-14343" in job.summaries[0]
    assert any("no finding of HIGH or worse: 1 found" in one for one in job.commands_of("error"))
    assert any("PyYAML 5.3.1" in one for one in job.commands_of("error"))


def test_all_mistakes_are_reported_at_once(act: Act, tmp_path: Path) -> None:
    inputs = "fail-on: hgih\nplatform: windows\ngit-tag: maybe\nreport: nowhere.pdf"
    text = workflow(inputs).replace("jobs:", "env:\n  ECR_PUSH_REGOIN: eu-west-1\njobs:")
    project = consumer(tmp_path / "app", images.CLEAN, ci=text)
    ended = act.push(project, "refs/heads/main", "ci.yml")
    assert ended.code == 1
    [error] = ended.job.commands_of("error")
    for mistake in (
        "ECR_PUSH_REGOIN: there is no such setting; did you mean 'ECR_PUSH_REGION'?",
        "ECR_PUSH_FAIL_ON: ",
        "ECR_PUSH_PLATFORM: 'windows' is not a valid platform",
        "ECR_PUSH_GIT_TAG: 'maybe' is neither true nor false",
        "ECR_PUSH_REPORT: 'nowhere.pdf'",
    ):
        assert mistake in error
    outputs = shown(ended.job)
    assert (outputs["verdict"], outputs["exit-code"], outputs["critical"]) == ("failed", "2", "unknown")
    assert set(outputs) == set(OUTPUTS)
    assert "the settings are wrong in 5 places" in ended.job.summaries[0]


def test_nothing_that_is_said_from_outside_is_obeyed(act: Act, ecr: object, tmp_path: Path) -> None:
    """A branch's name, an input and the build's own output are text: for the shell, and for the runner."""
    branch = "x';touch${IFS}pwned;'$(touch${IFS}pwned)`touch${IFS}pwned`"
    dockerfile = images.DOCKERFILE["Dockerfile"] + "COPY ::error::owned /\n"
    files = {**images.CLEAN, "Dockerfile": dockerfile, "::error::owned": "x\n"}
    inputs = """\
file: ./Dockerfile
push: true
labels: |
  org.example.note=$(touch pwned)
  org.example.branch=${{ github.ref_name }}
  ::set-output name=image::evil
build-args: |
  A=x
  ::error::owned"""
    after = """
      - if: always()
        run: "[ ! -e pwned ] && echo untouched"
"""
    project = consumer(tmp_path / "app", files, ci=workflow(inputs, after=after))
    project.branch(branch)
    ended = act.push(project, f"refs/heads/{branch}", "ci.yml")
    assert ended.job.outputs["verdict"] == "failed"  # two of the inputs are wrong, as reported
    assert len(ended.job.commands_of("error")) == 1
    good = inputs.replace("  ::set-output name=image::evil\n", "").replace("\n  ::error::owned", "")
    project.commit("Fix", {".github/workflows/ci.yml": workflow(good, after=after)})
    ended = act.push(project, f"refs/heads/{branch}", "ci.yml")
    job = ended.job
    assert ended.code == 0, ended.text
    assert "untouched" in job.log
    assert not job.commands_of("error") and job.outputs["image"].startswith("127.0.0.1")
    assert "COPY ::error::owned" in job.log, "the build said it, and it was text"


def test_a_secret_stays_hidden_in_the_steps_that_follow(
    act: Act, sandbox: Sandbox, ecr: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sandbox.tokens.issue("123456789012", "private")
    monkeypatch.setattr(sandbox.tokens, "issue", lambda *args, **more: token)
    leak = {"leak.txt": f"it is {token.password}, so to say\n"}
    after = "\n      - run: cat leak.txt\n"
    project = consumer(tmp_path / "app", {**images.CLEAN, **leak}, ci=workflow(after=after))
    ended = act.push(project, "refs/heads/main", "ci.yml")
    assert ended.code == 0
    assert "it is ***, so to say" in ended.job.log


# ------------------------------------------------------------------------- several times, several commands


def test_one_job_plans_runs_and_promotes_and_installs_once(
    installing: Act, ecr: object, tmp_path: Path
) -> None:
    before = """
      - uses: ecr-push/ecr-push@v1
        id: plan
        with:
          command: plan
          repository: team/app
"""
    after = """
      - uses: ecr-push/ecr-push@v1
        id: promote
        with:
          command: promote
          arguments: |
            ${{ steps.image.outputs.image }}
            production
            production-eu
      - uses: ecr-push/ecr-push@v1
        id: rollback
        with:
          command: rollback
          repository: team/app
          arguments: |
            production
            1.0.0
      - run: echo "rolled back ${{ steps.rollback.outputs.verdict }}"
      - uses: ecr-push/ecr-push@v1
        id: tags
        with:
          command: tags
      - run: echo "tagged ${{ steps.tags.outputs.version }} ${{ steps.tags.outputs.tags-json }}"
      - run: echo "planned ${{ steps.plan.outputs.verdict }} ${{ steps.plan.outputs.version }}"
      - run: echo "promoted ${{ steps.promote.outputs.verdict }} ${{ steps.promote.outputs.tags-json }}"
"""
    # What the workflow says for all steps holds where an input is not given.
    text = workflow(before=before, after=after).replace(
        "jobs:", "env:\n  ECR_PUSH_MAX_FINDINGS: critical=1\njobs:"
    )
    project = consumer(tmp_path / "app", images.VULNERABLE, ci=text)
    project.tag("v1.0.0")
    ended = installing.push(project, "refs/tags/v1.0.0", "ci.yml")
    assert ended.code == 0, ended.text
    assert ended.job.commands_of("group").count("install ecr-push") == 1
    assert "planned planned 1.0.0" in ended.job.log
    assert re.search(r"tagged 1\.0\.0 \[.*1\.0\.0, 1\.0, 1, latest\]", ended.job.log)
    assert "rolled back accepted" in ended.job.log, "production does not go back by itself"
    assert "promoted accepted [production, production-eu]" in ended.job.log  # the shell took the quotes
    assert {"production", "production-eu", "1.0.0"} <= tags(ecr)


# ------------------------------------------------------------------------- how it installs itself

HOSTILE = "import os, pathlib\npathlib.Path(os.environ['PWNED']).touch()\nraise SystemExit('owned')\n"
TRAPS = {
    **{f"{name}.py": HOSTILE for name in ("venv", "sitecustomize", "usercustomize", "click", "sysconfig")},
    **{f"{name}/__init__.py": HOSTILE for name in ("pip", "ecr_push", "boto3")},
    "pip/__main__.py": HOSTILE,
    "ecr-push.pth": "import owned\n",
    "uv.toml": '[[index]]\nurl = "http://127.0.0.1:9/simple"\ndefault = true\n',
    "pyproject.toml": "[tool.uv]\nno-index = true\n",
    ".python-version": "2.7\n",
    "pip.conf": "[global]\nindex-url = http://127.0.0.1:9/simple\n",
}


@pytest.mark.parametrize("with_uv", [True, False], ids=["uv", "pip"])
def test_it_takes_nothing_from_the_workspace(
    with_uv: bool, installing: Act, ecr: object, tmp_path: Path
) -> None:
    """benchmarks/first_phase.py measures how soon it is there."""
    if not with_uv:
        installing.path = path_without_uv(tmp_path / "bin")
    installing.environ |= {"PWNED": str(tmp_path / "pwned"), "PYTHONPATH": ".", "PYTHONSTARTUP": "click.py"}
    project = consumer(tmp_path / "app", {**images.CLEAN, **TRAPS}, ci=workflow("command: plan"))
    ended = installing.push(project, "refs/heads/main", "ci.yml")
    assert ended.code == 0, ended.text
    assert not (tmp_path / "pwned").exists()


def step(tmp_path: Path, *, path: str = "", **environ: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """github/step.sh by itself, as the runner starts it; and what it wrote to GITHUB_OUTPUT."""
    (tmp_path / "runner").mkdir(exist_ok=True)
    outputs = tmp_path / "outputs"
    done = subprocess.run(
        [shutil.which("sh") or "sh", str(ROOT / "github" / "step.sh")],
        cwd=tmp_path,
        env={
            "PATH": path or f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(outputs),
            "RUNNER_TEMP": str(tmp_path / "runner"),
            "COMMAND": "run",
            "ARGUMENTS": "",
            "WORKING_DIRECTORY": ".",
            **environ,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return done, outputs.read_text()


def test_without_a_python_that_is_new_enough_it_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    for name in ("cat", "cksum", "mktemp", "sed", "tr", "sh"):
        (folder / name).symlink_to(shutil.which(name) or name)
    old = folder / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done, outputs = step(tmp_path, path=str(folder))
    assert done.returncode == 2
    assert "::error title=ecr-push::this runner has no Python 3.10 or later" in done.stderr
    assert "verdict=failed\n" in outputs and not done.stdout


@pytest.mark.parametrize("with_uv", [True, False], ids=["uv", "pip"])
def test_an_installation_that_fails_says_so_and_leaves_nothing_half_done(
    with_uv: bool, tmp_path: Path
) -> None:
    nowhere = "http://127.0.0.1:9/simple"
    broken = {
        **dict.fromkeys(("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), nowhere),
        **dict.fromkeys(("UV_NO_CACHE", "PIP_NO_CACHE_DIR"), "1"),
        **dict.fromkeys(("UV_HTTP_RETRIES", "PIP_RETRIES"), "0"),
    }
    done, outputs = step(tmp_path, path="" if with_uv else path_without_uv(tmp_path / "bin"), **broken)
    assert done.returncode == 2, done.stderr
    assert "::error title=ecr-push::could not install the packages that ecr-push needs" in done.stderr
    assert "verdict=failed\n" in outputs
    assert not list((tmp_path / "runner").glob("ecr-push-c*"))


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (
            {"COMMAND": "login"},
            "command: expected run, plan, build, tags, matrix, scan, promote, verify, deploy",
        ),
        (
            {"COMMAND": "deploy"},
            "command: expected run, plan, build, tags, matrix, scan, promote, verify, deploy ecs",
        ),
        ({"ARGUMENTS": "--sandbox"}, "arguments: run takes no arguments"),
        (
            {"COMMAND": "promote", "ARGUMENTS": "\nproduction\nproduction-eu\n"},
            "arguments: contains an empty line",
        ),
        ({"COMMAND": "promote", "ARGUMENTS": "app:1\n\nproduction\n"}, "arguments: contains an empty line"),
        ({"COMMAND": "promote", "ARGUMENTS": "app:1\nproduction\n\n"}, "arguments: contains an empty line"),
        ({"COMMAND": "promote", "ARGUMENTS": "\n"}, "arguments: contains an empty line"),
        (
            {"COMMAND": "deploy ecs"},
            "arguments: deploy ecs needs an image. An output that names one is empty",
        ),
        ({"COMMAND": "verify"}, "arguments: verify needs an image"),
        ({"WORKING_DIRECTORY": "nowhere"}, "working-directory: there is no such directory"),
    ],
)
def test_what_the_step_itself_refuses(environ: dict[str, str], said: str, tmp_path: Path) -> None:
    done, outputs = step(tmp_path, **environ)
    assert done.returncode == 2
    assert f"::error title=ecr-push::{said}" in done.stderr
    assert "verdict=failed\n" in outputs
    assert outputs.endswith("exit-code=2\n")


# ------------------------------------------------------------------------- what others say of it


def check(*argv: str | Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name(str(argv[0])), *argv[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert not done.returncode, done.stdout + done.stderr


# The examples, and this project's own.
WORKFLOWS = [*sorted(EXAMPLES.glob("*.yml")), *sorted((ROOT / ".github" / "workflows").glob("*.yml"))]


def test_the_examples_were_found() -> None:
    assert len(WORKFLOWS) >= 7


def test_githubs_schemas_hold() -> None:
    check("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
    check("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)


def test_zizmor_finds_nothing_dangerous() -> None:
    check("zizmor", "--offline", "--pedantic", "--no-progress", "action.yml", *WORKFLOWS)


def test_actionlint_finds_no_mistake() -> None:
    check("actionlint", "-no-color", *WORKFLOWS)


def guides() -> list[Any]:
    """What the guides show of workflows, besides the examples: jobs, steps, or what a step is given."""
    pages = [
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("docs/github.md", "docs/github-workflows.md", "docs/reports.md", "README.md")
    ]
    blocks = [
        textwrap.dedent(text)
        for page in pages
        for text in re.findall(r"^ *```yaml\n(.*?)^ *```$", page, re.M | re.S)
    ]
    examples = {path.read_text(encoding="utf-8") for path in WORKFLOWS}
    shown = [yaml.safe_load(text) for text in blocks if text not in examples]
    return [one for one in shown if isinstance(one, list) or {"steps", "with"} & set(one)]


def as_job(shown: Any) -> dict[str, Any]:
    if isinstance(shown, dict) and "with" in shown:
        shown = [{"uses": "ecr-push/ecr-push@v1", **shown}]
    job = {"steps": shown} if isinstance(shown, list) else shown
    return {"runs-on": "ubuntu-latest", "needs": "image", **job}


def test_what_the_guides_show_besides_is_sound(tmp_path: Path) -> None:
    jobs = [as_job(one) for one in guides()]
    assert len(jobs) >= 5
    before = {"runs-on": "ubuntu-latest", "steps": [{"run": "true"}], "outputs": {"image": "x"}}
    text = {"on": "push", "jobs": {"image": before, **{f"guide-{n}": job for n, job in enumerate(jobs)}}}
    workflow = tmp_path / "guides.yml"
    workflow.write_text(json.dumps(text))
    check("actionlint", "-no-color", workflow)
    check("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)
    known = {declared.key(one): declared.environment_name(one) for one in declared.options()}
    for step in [
        step for job in jobs for step in job["steps"] if "ecr-push/ecr-push@" in step.get("uses", "")
    ]:
        assert set(step["with"]) <= set(ACTION["inputs"])
        given = {known[name]: str(value) for name, value in step["with"].items() if name in known}
        load_settings(
            {}, {"ECR_PUSH_REPOSITORY": "team/app", **given}, command=step["with"].get("command", "run")
        )
