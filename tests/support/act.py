"""GitHub's workflows, run on this machine by nektos/act, without an engine and without GitHub.

Where act is laxer than GitHub: it gives a composite action's steps INPUT_… (they are mapped under `env:`,
which a unit test holds), and it leaks the outputs of inner steps (a test compares them with action.yml).
On a pull request its GITHUB_SHA is the head's; on GitHub it is that of a merge commit.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from releasing.archive import is_archived
from tests.support.command_line import shows_a_token
from tests.support.git_repository import GitRepository
from tests.support.paths import ROOT

EXAMPLES = ROOT / "examples" / "github"
BIN = Path(sys.executable).parent
OURS = "ecr-push/ecr-push@v1"  # as workflows of tests name it
BUNDLE = "jenkins/resources/io/ecrpush/bundle"
TIMEOUT_SECONDS = 900.0  # ends what hangs, and nothing that is slow
# What a runner on this machine needs to reach its engine and its index.
KEPT = ("DOCKER_HOST", "PIP_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "SSL_CERT_FILE", "LANG")
# In the place of others' actions: they say what they are given, and whether there is such a SARIF report.
_OTHERS = {
    "github/codeql-action": ("upload-sarif", ("sarif_file", "category")),
    "actions/upload-artifact": ("", ("name", "path", "if-no-files-found")),
}


@dataclass
class Job:
    """What one job did. Outputs and masks are those that act took from its files and its log.

    log:      what its steps wrote, masked as act shows it.
    everything: all that act tells of the job, but what it is to hide.
    container: the image that the job's container was started from, where it has one.
    """

    log: str = field(default="", repr=False)
    outputs: dict[str, str] = field(default_factory=dict)
    summaries: list[str] = field(default_factory=list)
    commands: list[tuple[str, str]] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    everything: str = field(default="", repr=False)
    result: str = ""
    container: str = ""

    def commands_of(self, command: str) -> list[str]:
        return [text for name, text in self.commands if name == command]


@dataclass(frozen=True)
class Ended:
    code: int
    jobs: Mapping[str, Job]

    @property
    def text(self) -> str:
        """What a person would look for who wonders why it failed."""
        return "\n".join(
            f"{name}: {job.result}\n{job.commands_of('error')}\n{job.log[-3000:]}"
            for name, job in self.jobs.items()
        )

    @property
    def job(self) -> Job:
        [job] = self.jobs.values()
        return job


@dataclass
class Act:
    """Runs workflows that use the action of this checkout, in an environment of their own.

    shared:  a folder for what several of them can have in common: this checkout as a release, and caches.
    environ: what every job sees.
    path:    the runner's PATH; uv is on it unless path says otherwise.
    flags:   more flags of act's.
    actions: folders of actions, by what workflows name them; ours is this checkout unless it is one of them.
    bundle:  a bundle, which the release then carries.
    keeps_secrets: whether that is held; amazon-ecr-login has the password among its outputs.
    """

    folder: Path
    shared: Path
    environ: dict[str, str]
    path: str = ""
    flags: tuple[str, ...] = ()
    actions: Mapping[str, Path] = field(default_factory=dict)
    keeps_secrets: bool = True
    bundle: Path | None = None

    def __post_init__(self) -> None:
        for name in ("home", "cache", "others"):
            (self.folder / name).mkdir(parents=True)
        workflows = self.folder / "others" / "acme" / "workflows" / ".github" / "workflows"
        workflows.mkdir(parents=True)
        shutil.copy2(EXAMPLES / "reusable.yml", workflows)
        for repository, (subfolder, inputs) in _OTHERS.items():
            action = self.folder / "others" / repository / subfolder / "action.yml"
            action.parent.mkdir(parents=True)
            wanted = {name: {"required": False} for name in inputs}
            text = {
                "name": "stand-in",
                "description": "Says what it is given",
                "inputs": wanted,
                "runs": {
                    "using": "composite",
                    "steps": [
                        {
                            "run": 'printenv WITH; [ -z "$SARIF" ] || grep -c "version.: .2.1.0" "$SARIF"',
                            "shell": "sh",
                            "env": {"WITH": "${{ toJSON(inputs) }}", "SARIF": "${{ inputs.sarif_file }}"},
                        }
                    ],
                },
            }
            action.write_text(json.dumps(text))

    def push(self, repository: GitRepository, ref: str, *workflows: str, **more: str) -> Ended:
        """A push of ref: `refs/heads/main` or `refs/tags/v1.4.2`."""
        event = {"ref": ref, "after": repository.head, "repository": _REPOSITORY}
        return self.run("push", event, repository, *workflows, **more)

    def pull_request(
        self, repository: GitRepository, *workflows: str, branch: str, fork: str = "", **more: str
    ) -> Ended:
        """A pull request of branch, the present one; fork is the repository that it comes from."""
        head = {"ref": branch, "sha": repository.head, "repo": {"full_name": fork or "acme/app"}}
        base = {"ref": "main", "sha": repository.git("rev-parse", "main"), "repo": _REPOSITORY}
        event = {
            "action": "synchronize",
            "number": 12,
            "pull_request": {"number": 12, "head": head, "base": base},
            "repository": _REPOSITORY,
        }
        return self.run("pull_request", event, repository, *workflows, **more)

    def run(
        self, name: str, event: Mapping[str, Any], repository: GitRepository, *workflows: str, **more: str
    ) -> Ended:
        """Runs the workflows of the checkout, those with the given file names; more is environment."""
        (self.folder / "event.json").write_text(json.dumps(event))
        environ = {**self.environ, **more}
        (self.folder / "env").write_text("".join(f"{key}={value}\n" for key, value in environ.items()))
        flags = [
            *("--eventpath", str(self.folder / "event.json"), "--env-file", str(self.folder / "env")),
            *("--platform", "ubuntu-latest=-self-hosted", "--no-cache-server", "--json"),
            *self.flags,
        ]
        for workflow in workflows:
            flags += ["--workflows", f".github/workflows/{workflow}"]
        for action, path in self._actions(repository).items():
            flags += ["--local-repository", f"{action}={path}"]
        program = subprocess.Popen(
            [str(BIN / "act"), name, *flags],
            cwd=repository.root,
            env=self.job_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ended = _read(program)
        if self.keeps_secrets:
            for job in ended.jobs.values():
                # No log may show what the registry's password is, and no step's file either.
                assert not shows_a_token(job.everything)
                assert not any(secret in job.everything for secret in job.masks)
                assert len(job.commands_of("group")) == len(job.commands_of("endgroup"))
        return ended

    def _actions(self, repository: GitRepository) -> dict[str, Path]:
        # The examples name the last release.
        shown = re.search(r"ecr-push/ecr-push@v\d+", (EXAMPLES / "release.yml").read_text(encoding="utf-8"))
        ours = self.actions.get(OURS) or release(self.shared, self.bundle)
        actions = {OURS: ours, shown[0] if shown else OURS: ours}
        for folder in (repository.root / ".github" / "workflows").glob("*.yml"):
            for line in folder.read_text().splitlines():
                used = line.partition("uses: ")[2].partition(" ")[0]
                name, _, ref = used.partition("@")
                owner = "/".join(name.split("/")[:2])
                if owner in _OTHERS or owner == "acme/workflows":
                    actions[f"{owner}@{ref}"] = self.folder / "others" / owner
        return {**actions, **self.actions}

    def job_environment(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "PATH": self.path or f"{BIN}:{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            # uv and pip keep what they have downloaded, as a runner's image does.
            "UV_CACHE_DIR": str(self.shared / "uv-cache"),
            "PIP_CACHE_DIR": str(self.shared / "pip-cache"),
        }


_REPOSITORY = {"full_name": "acme/app", "name": "app", "default_branch": "main", "owner": {"login": "acme"}}


def release(folder: Path, bundle: Path | None = None) -> Path:
    """This checkout as the runner would have it: what git tracks or would, and nothing else. Made once.

    bundle: is put where a release has it; then there is no more than in the archive of a release.
    """
    made = folder / ("release-with-bundle" if bundle else "release")
    if not made.exists():
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in filter(None, listed.split("\0")):
            if name.startswith("tests/") or not (ROOT / name).is_file():
                continue
            if bundle and not is_archived(name):
                continue
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, made / name)
        if bundle:
            shutil.copytree(bundle, made / BUNDLE, dirs_exist_ok=True)
    return made


def _read(program: subprocess.Popen[str]) -> Ended:
    jobs: dict[str, Job] = {}
    lines: list[str] = []
    deadline = time.monotonic() + TIMEOUT_SECONDS
    assert program.stdout is not None
    try:
        with program.stdout as stream:
            for line in stream:
                assert time.monotonic() < deadline, "act does not end:\n" + "".join(lines)
                lines.append(line)
                with contextlib.suppress(ValueError):
                    event = json.loads(line)
                    if name := event.get("job"):
                        _note(event, jobs.setdefault(name, Job()))
        code = program.wait(TIMEOUT_SECONDS)
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()
    return Ended(code, jobs)


def _note(event: Mapping[str, Any], job: Job) -> None:
    message = str(event.get("msg", ""))
    if found := re.search(r"Start image=(\S+)", message):
        job.container = found[1]
    command = event.get("command")
    if command == "add-mask":
        job.masks.append(event["arg"])
        return
    job.everything += json.dumps(event)
    if command == "set-output":
        job.outputs[event["name"]] = event["arg"]
    elif command == "summary":
        job.summaries.append(event["content"])
    elif command:
        job.commands.append((command, str(event.get("arg", ""))))
    elif event.get("raw_output"):
        job.log += message
    job.result = event.get("jobResult", job.result)
