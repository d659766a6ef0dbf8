"""Workflows before and after they moved over, played by act: what is pushed, and what ecr-push is given.

`.venv/bin/python -m tests.support.moved_workflows FOLDER [NAME …]` plays those of
tests/unit/delivery/moving/workflows, and writes what came of it to played.json. FOLDER has
docker/metadata-action as a checkout, as for `benchmarks/run.py job --peers`; the other actions, docker and
aws are stand-ins that write down what they are asked.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ecr_push.delivery.moving.github.move import move_workflow
from ecr_push.delivery.moving.model import Wish
from tests.support.act import Act
from tests.support.git_repository import GitRepository
from tests.support.paths import ROOT

FOLDER = ROOT / "tests" / "unit" / "delivery" / "moving"
PLAYED = FOLDER / "played.json"
HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
RUNS = ("branch", "other branch", "tag", "pull request", "by hand")
_META = "docker/metadata-action"
_NOTHING = "true"
_PUSH = """\
case "$PUSH" in true) printf '%s\\n' "$TAGS" | tr ',' '\\n' | sed 's/^/push /' >> "$PLAYED" ;; esac
"""
_DOCKER = """\
#!/bin/sh
touch "$PLAYED.tags"
[ "$1" = buildx ] && shift
case "$1" in
build)
  pushes=
  for word; do [ "$word" = --push ] && pushes=1; done
  while [ $# -gt 0 ]; do
    case "$1" in -t|--tag)
      echo "$2" >> "$PLAYED.tags"
      [ -z "$pushes" ] || echo "push $2" >> "$PLAYED"
      shift ;;
    esac
    shift
  done ;;
tag) echo "$3" >> "$PLAYED.tags" ;;
push)
  shift
  if [ "$1" = --all-tags ]; then grep "^$2:" "$PLAYED.tags" | sed 's/^/push /' >> "$PLAYED"
  else echo "push $1" >> "$PLAYED"; fi ;;
esac
"""
_PROGRAMS = {
    "docker": _DOCKER,
    "aws": '#!/bin/sh\ncase "$*" in *describe-image-scan-findings*) echo None ;; *) echo word ;; esac\n',
    "kubectl": "#!/bin/sh\n",
    "date": "#!/bin/sh\necho 1796000000\n",  # of every second, the same
    "jq": "#!/bin/sh\necho 1.4.2\n",
}
_STAND_INS: Mapping[str, tuple[tuple[str, ...], str, Mapping[str, str]]] = {
    "aws-actions/configure-aws-credentials": ((), _NOTHING, {}),
    "aws-actions/amazon-ecr-login": ((), _NOTHING, {"registry": HOST}),
    "aws-actions/amazon-ecs-render-task-definition": ((), _NOTHING, {"task-definition": "task.json"}),
    "aws-actions/amazon-ecs-deploy-task-definition": ((), _NOTHING, {}),
    "docker/login-action": ((), _NOTHING, {}),
    "docker/setup-buildx-action": ((), _NOTHING, {}),
    "docker/setup-qemu-action": ((), _NOTHING, {}),
    "docker/build-push-action": (("push", "tags"), _PUSH, {"digest": "sha256:" + "0" * 64}),
    "alexjurkiewicz/ecr-scan-image": ((), _NOTHING, {"critical": "0"}),
    "crazy-max/ghaction-github-runtime": ((), _NOTHING, {}),
}


def moved(name: str) -> str:
    """The workflow of that name as it is after it moved over."""
    path = FOLDER / "workflows" / f"{name}.yml"
    return move_workflow(path.read_text(encoding="utf-8"), path.name, Wish()).text


def names() -> list[str]:
    return sorted(path.stem for path in (FOLDER / "workflows").glob("*.yml"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Player:
    """folder: of its own. peers: that of the actions which are real. environ: what they ask GitHub with."""

    def __init__(self, folder: Path, peers: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self._played = folder / "played"
        self._actions = {name: self._stand_in(name, *of) for name, of in _STAND_INS.items()}
        self._actions["ecr-push/ecr-push"] = self._ours()
        self._actions[_META] = peers / _META
        programs = folder / "bin"
        programs.mkdir()
        for name, text in _PROGRAMS.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self._path = f"{programs}:/usr/bin:/bin:/usr/local/bin"
        self._number = 0
        self.commit = ""

    def play(self, text: str, run: str) -> list[str]:
        """What the stand-ins wrote: `push IMAGE`, or what our action was given. Raises AssertionError."""
        self._number += 1
        here = self._folder / f"run-{self._number}"
        repository = GitRepository.init(here / "checkout")
        self.commit = repository.commit(
            "feat: one", {"Dockerfile": "FROM scratch\n", "services/shop/Dockerfile": "FROM scratch\n"}
        )
        self._played.write_text("")
        Path(f"{self._played}.tags").write_text("")
        repository.write(_files(text))
        used = set(re.findall(r"uses:\s*([\w.-]+/[\w.-]+)@(\S+)", text))
        act = Act(
            here / "act",
            here / "shared",
            {"PLAYED": str(self._played), "AWS_REGION": "eu-west-1", **self._environ},
            path=self._path,
            flags=("--secret", f"ECR_REGISTRY={HOST}", "--secret", "GITHUB_TOKEN=dummy"),
            actions={f"{name}@{ref}": self._actions[name] for name, ref in used if name in self._actions},
            keeps_secrets=False,
        )
        ended = self._started(act, repository, run)
        assert ended.code == 0, "\n".join(_failures(job) for job in ended.jobs.values())
        return self._played.read_text().splitlines()

    def _started(self, act: Act, repository: GitRepository, run: str) -> Any:
        if run == "pull request":
            repository.git("checkout", "--quiet", "-b", "feature/x")
            return act.pull_request(repository, "image.yml", branch="feature/x")
        if run == "by hand":
            inputs = {"environment": "staging", "repository": "team/shop", "tag": "latest"}
            event = {"ref": "refs/heads/main", "inputs": inputs, "repository": {"default_branch": "main"}}
            return act.run("workflow_dispatch", event, repository, "image.yml")
        if run == "tag":
            repository.tag("v1.4.2")
            return act.push(repository, "refs/tags/v1.4.2", "image.yml")
        if run == "other branch":
            repository.git("checkout", "--quiet", "-b", "next")
        return act.push(repository, f"refs/heads/{'next' if run == 'other branch' else 'main'}", "image.yml")

    def _stand_in(self, name: str, inputs: tuple[str, ...], script: str, outputs: Mapping[str, str]) -> Path:
        environ = {one.upper(): f"${{{{ inputs.{one} }}}}" for one in inputs}
        return self._action(name, {one: {"required": False} for one in inputs}, script, environ, outputs)

    def _ours(self) -> Path:
        inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
        script = 'line=$(printf "%s" "$GIVEN" | tr "\\n" " "); printf "%s\\n" "$line" >> "$PLAYED"'
        outputs = {"image": f"{HOST}/x@sha256:{'0' * 64}", "critical": "0"}
        return self._action("ecr-push/ecr-push", inputs, script, {"GIVEN": "${{ toJSON(inputs) }}"}, outputs)

    def _action(
        self,
        name: str,
        inputs: Mapping[str, Any],
        script: str,
        environ: Mapping[str, str],
        outputs: Mapping[str, str],
    ) -> Path:
        folder = self._folder / "actions" / name
        folder.mkdir(parents=True)
        text = {
            "name": "stand-in",
            "description": "Writes down what it is given",
            "inputs": inputs,
            "outputs": {one: {"description": one, "value": value} for one, value in outputs.items()},
            "runs": {"using": "composite", "steps": [{"run": script, "shell": "bash", "env": environ}]},
        }
        (folder / "action.yml").write_text(json.dumps(text))
        return folder


def _failures(job: Any) -> str:
    """What a step that failed wrote, and what it is."""
    return "\n".join(
        line
        for line in job.everything.replace("}{", "}\n{").splitlines()
        if "ailure" in line or "rror" in line
    )


_CALLS_AN_ACTION = """\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/push
        with: {repository: team/shop}
"""
_CALLS_A_WORKFLOW = """\
on: push
jobs:
  image:
    uses: ./.github/workflows/called.yml
    with: {repository: team/shop}
    secrets: {role: "arn:aws:iam::123456789012:role/ci"}
"""


def _files(text: str) -> dict[str, str]:
    """The workflow as image.yml; what others call is called by image.yml."""
    start = ".github/workflows/image.yml"
    if "using: composite" in text:
        return {".github/actions/push/action.yml": text, start: _CALLS_AN_ACTION}
    if "workflow_call" in text:
        return {".github/workflows/called.yml": text, start: _CALLS_A_WORKFLOW}
    return {start: text}


def runs_of(text: str) -> Iterator[str]:
    """The runs that a workflow has, by what starts it."""
    on = yaml.load(text, yaml.BaseLoader).get("on", {})
    push = on.get("push") or {}
    if "workflow_call" in on or not on:
        yield "branch"
    if "branches" in push or ("push" in on and not push):
        yield "branch"
    if "**" in push.get("branches", ()):
        yield "other branch"
    if "tags" in push:
        yield "tag"
    if "pull_request" in on:
        yield "pull request"
    if "workflow_dispatch" in on:
        yield "by hand"


def given(line: str) -> dict[str, str]:
    """The inputs of ours that were not empty."""
    return {
        name: text
        for name, text in json.loads(line).items()
        if text not in ("", None) and name not in _DEFAULTS
    }


def command(line: str) -> str:
    return str(json.loads(line)["command"])


def deploys(lines: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """What our steps that deploy were given, with their command."""
    found = [{"command": command(line), **given(line)} for line in lines if command(line) != "run"]
    return {"deploys": found} if found else {}


_DEFAULTS = ("command", "working-directory")


def main(peers: Path, *only: str) -> None:
    found: dict[str, Any] = json.loads(PLAYED.read_text()) if only else {}
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from peers import github

    with tempfile.TemporaryDirectory() as folder, github() as environ:
        player = Player(Path(folder), peers.resolve(), environ)
        for name in only or names():
            before, after = (FOLDER / "workflows" / f"{name}.yml").read_text(), moved(name)
            found[name] = {"moved": digest(after), "commit": "", "runs": {}}
            for run in runs_of(before):
                theirs = sorted({line[len("push ") :] for line in player.play(before, run) if line[5:]})
                played = player.play(after, run)
                found[name]["commit"] = player.commit
                found[name]["runs"][run] = {
                    "theirs": theirs,
                    "ours": [given(line) for line in played if command(line) == "run"],
                    **deploys(played),
                }
                sys.stderr.write(f"{name}, {run}: {theirs}\n")
    PLAYED.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
