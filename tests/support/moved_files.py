"""Files of CIs, before and after they are moved over, run with recorders for docker, aws and ecr-push.

An original is run as its CI runs it, and `docker push` notes what would be pushed. Of the moved file the
calls of ecr-push are noted, and the real `ecr-push tags` says which tags they give.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ecr_push.delivery.moving.kinds import move_file
from ecr_push.delivery.moving.model import Moved, Wish
from tests.support.git_repository import GitRepository

SHAPES = Path(__file__).parent / "moving"
PATHS = {
    "codebuild": "buildspec.yml",
    "circleci": ".circleci/config.yml",
    "jenkins": "Jenkinsfile",
    "gitlab": ".gitlab-ci.yml",
}
HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
FILES = {
    "Dockerfile": "FROM scratch\n",
    "VERSION": "1.5.0\n",
    "api/Dockerfile": "FROM scratch\n",
    "api/VERSION": "2.1.0\n",
    "web/Dockerfile": "FROM scratch\n",
    "image/Dockerfile": "FROM scratch\n",
    "services/shop/Dockerfile": "FROM scratch\n",
    "scripts/docker-clean-up.sh": "#!/bin/sh\nexit 0\n",
}
_DOCKER = """#!/bin/sh
[ "$1" != login ] || cat >/dev/null
[ "$1" != push ] || echo "$2" >>"$RECORD/pushed"
case " $* " in *" --push "*)
  while [ $# -gt 0 ]; do
    case "$1" in -t|--tag) echo "$2" >>"$RECORD/pushed"; shift ;; esac
    shift
  done ;;
esac
"""
_AWS = """#!/bin/sh
case "$*" in
  "ecs update-service"*|"lambda update-function-code"*) echo "$1" >>"$RECORD/deployed" ;;
  *get-login-password*) echo password ;;
  *"get-login "*) echo docker login --username AWS --password x ;;
  *describe-image-scan-findings*) echo None ;;
esac
"""
# Notes its folder and its arguments, each with a NUL behind it, and writes the reports that it is asked for.
ECR_PUSH = """#!/bin/sh
note=$(mktemp "$RECORD/run.XXXXXX")
printf '%s\\0' "$PWD" "$@" >"$note"
env -0 | grep -z '^ECR_PUSH_' >"$RECORD/environ.${note##*.}"
while [ $# -gt 0 ]; do
  [ "$1" != --report ] || : >"$2"
  shift
done
"""
_PYTHON = f"""#!/bin/sh
if [ "$1 $2" = '-m venv' ]; then
  mkdir -p "$3/bin" && cat >"$3/bin/ecr-push" <<'END'
{ECR_PUSH}END
  printf '#!/bin/sh\\n' >"$3/bin/pip" && chmod +x "$3/bin/pip" "$3/bin/ecr-push"
else
  exec {sys.executable} "$@"
fi
"""
_INSTALL = f"""mkdir -p "$1/bin"
cat >"$1/bin/ecr-push" <<'END'
{ECR_PUSH}END
chmod +x "$1/bin/ecr-push"
"""
# Runs `ecr-push tags` for each question of its standard input.
_ASK = """
import contextlib, io, json, os, sys
from ecr_push.cli.main import main
answers = []
for one in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(one["environ"])
    os.chdir(one["folder"])
    before = os.dup(1)
    with open(one["output"], "wb") as output:
        os.dup2(output.fileno(), 1)
        code = main(one["words"])
    os.dup2(before, 1)
    answers.append([code, open(one["output"]).read()])
json.dump(answers, sys.stdout)
"""


@dataclass(frozen=True)
class Run:
    """A call of ecr-push: where, with which options, and for what the CI runs."""

    folder: Path
    repository: str
    words: Sequence[str]
    environ: Mapping[str, str]


@dataclass(frozen=True)
class World:
    """A checkout and recorders. head: its commit."""

    folder: Path
    repository: GitRepository
    tool: GitRepository

    @classmethod
    def at(cls, folder: Path) -> World:
        repository = GitRepository.init(folder / "source")
        repository.commit("feat: the first", FILES)
        (repository.root / "scripts" / "docker-clean-up.sh").chmod(0o755)
        repository.git("commit", "--quiet", "--all", "--amend", "--no-edit")
        repository.tag("v1.4.2")
        repository.branch("feature/login")
        tool = GitRepository.init(folder / "tool")
        tool.commit("the tool", {"codebuild/install.sh": _INSTALL, "codebuild/check-docker.sh": ""})
        recorders = folder / "recorders"
        recorders.mkdir()
        for name, script in {
            "docker": _DOCKER,
            "aws": _AWS,
            "python3": _PYTHON,
            "trivy": "#!/bin/sh\n",
            "skopeo": "#!/bin/sh\n",
            "apk": "#!/bin/sh\n",
        }.items():
            (recorders / name).write_text(script)
            (recorders / name).chmod(0o755)
        return cls(folder, repository, tool)

    @property
    def head(self) -> str:
        return self.repository.head

    def record(self, name: str) -> Path:
        found = self.folder / "records" / name
        found.mkdir(parents=True)
        return found

    def checkout(self, name: str, event: str) -> Path:
        """A clone as the CI leaves it for a branch, a tag or a pull request."""
        folder = self.folder / "clones" / name
        clone = self.repository.clone(folder)
        ref = {"branch": "main", "tag": "v1.4.2", "pull request": "feature/login"}[event]
        clone.git("checkout", "--quiet", ref)
        return folder

    def environ(self, record: Path) -> dict[str, str]:
        home = record / "home"
        home.mkdir(exist_ok=True)
        return {
            "PATH": f"{self.folder / 'recorders'}:{os.environ['PATH']}",
            "HOME": str(home),
            "RECORD": str(record),
            "REG": HOST,
            "REGISTRY": HOST,
            "ECR": HOST,
            "REPO": f"{HOST}/team",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "AWS_ACCOUNT_ID": "111122223333",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "IMAGE_TAG": "given",
            "ENVIRONMENT": "prod",
            "DOCKERHUB_PASSWORD": "dummy",
        }


def moved(ci: str, name: str) -> tuple[str, Moved]:
    """A shape's text, and what it becomes."""
    (path,) = (SHAPES / ci).glob(f"{name}.*")
    text = path.read_text(encoding="utf-8")
    return text, move_file(text, PATHS[ci], Wish())


def pushed(record: Path) -> set[str]:
    file = record / "pushed"
    return set(file.read_text().split()) if file.exists() else set()


def deployed(record: Path) -> list[str]:
    """The services of AWS that an original let run an image, in order."""
    file = record / "deployed"
    return sorted(file.read_text().split()) if file.exists() else []


def deploys(record: Path) -> list[list[str]]:
    """The words of the calls of `ecr-push deploy` that were noted: the service, the image, the options."""
    noted = [file.read_text().split("\0")[1:-1] for file in record.glob("run.*")]
    return sorted(words[1:] for words in noted if words[0] == "deploy")


def runs(record: Path, ci: Mapping[str, str]) -> list[Run]:
    """The calls of ecr-push that were noted. ci: what the CI says of the run."""
    found = []
    for file in sorted(record.glob("run.*")):
        folder, *words = file.read_text().split("\0")[:-1]
        if "--no-push" in words or words[0] == "deploy":
            continue
        given = (record / f"environ{file.suffix}").read_text().split("\0")[:-1]
        found.append(_run(Path(folder), words, {**ci, **dict(one.split("=", 1) for one in given)}))
    return found


def _run(folder: Path, words: Sequence[str], ci: Mapping[str, str]) -> Run:
    kept: list[str] = []
    repository = ""
    if words[0] != "run":
        raise AssertionError(words)
    context = "." if words[1].startswith("--") else words[1]
    for flag, value in zip(words, [*words[1:], ""], strict=True):
        if flag in ("--tags", "--flavor", "--short-sha-length", "--untagged-versions"):
            kept += [flag, value]
        elif flag == "--repository":
            repository = value
    if not (folder / context / "Dockerfile").exists() and "--dockerfile" not in words:
        raise AssertionError(f"there is no Dockerfile in {context} of {folder}")
    return Run(folder / context, repository, kept, ci)


def names(asked: Sequence[Run], folder: Path) -> list[set[str]]:
    """What each run pushes, as `ecr-push tags` says, in one process."""
    plain = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_GLOBAL": "/dev/null"}
    questions = [
        {
            "environ": {**plain, **one.environ},
            "folder": str(one.folder),
            "output": str(folder / "output"),
            "words": ["tags", ".", "--output", "json", *one.words],
        }
        for one in asked
    ]
    done = subprocess.run(
        [sys.executable, "-c", _ASK], input=json.dumps(questions), capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    found = []
    for run, (code, output) in zip(asked, answers, strict=True):
        assert code == 0, f"{run}\n{done.stderr}"
        found.append({f"{run.repository}:{tag['tag']}" for tag in json.loads(output)["tags"]})
    return found


def run_circleci(text: str, folder: Path, environ: Mapping[str, str]) -> None:
    """The steps `run` of its jobs: each in a bash of its own, as CircleCI runs them. Others are left out."""
    bash_env = folder.parent / f"{folder.name}.bash-env"
    bash_env.write_text("")
    for job in yaml.safe_load(text).get("jobs", {}).values():
        own = {**environ, **job.get("environment", {}), "BASH_ENV": str(bash_env)}
        for step in job["steps"]:
            script = step.get("run") if isinstance(step, dict) else None
            if script is None:
                continue
            script = script if isinstance(script, str) else script["command"]
            script = re.sub(r"<<\s*pipeline\.git\.revision\s*>>", environ["CIRCLE_SHA1"], script)
            done = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", script],
                cwd=folder, env=own, capture_output=True, text=True, timeout=300,
            )  # fmt: skip
            assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"


def run_gitlab(text: str, folder: Path, environ: Mapping[str, str]) -> None:
    """The jobs: `before_script` and `script` are one shell, which ends at the first error."""
    spec = yaml.safe_load(text)
    variables = {name: str(value) for name, value in spec.get("variables", {}).items()}
    for job in (one for one in spec.values() if isinstance(one, dict) and "script" in one):
        script = "\n".join([*job.get("before_script", ()), *job["script"]])
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=folder, env={**environ, **variables}, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
