"""Runs a buildspec as CodeBuild does, version 0.2, on this machine; `test_buildspec.py` holds it to that.

CodeBuild's agent is not available, so this is from the documentation and from logs of builds:
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html. As there:

- Each command is a script of its own, run by /bin/sh. From one to the next go the folder and all variables,
  exported or not; functions, aliases and `set -e` do not. Nothing is saved where a command ends its shell
  by itself (`exit 0`). Of a `|` block the last line's status counts.
- A command that fails ends its phase, after `finally`. Failing, install and pre_build end the build; build
  is still followed by post_build, with CODEBUILD_BUILD_SUCCEEDING=0. Artifacts and reports are always
  attempted. `on-failure: ABORT` ends the build there.
- `env.variables` are literal, and the weakest: the project's variables win. Secrets are masked in the log.
- `exported-variables` are read at the end of the last phase that ran; what begins with AWS_, and secrets,
  are not exported.
- A batch (`build-list`) is a build for each of its tasks, with the whole buildspec, its variables,
  CODEBUILD_BATCH_BUILD_IDENTIFIER, and an identifier of its own. Each has the webhook's variables:
  https://github.com/danger/danger/pull/1369.
- Of the artifacts' files one that is not there is skipped; where none is there, the upload fails. A project
  has at most five report groups, in the formats that there are.

Where the documentation is silent, the harsher reading is taken. After `on-failure: CONTINUE` the phase's
failure shows in CODEBUILD_BUILD_SUCCEEDING alone: only a later phase can fail the build. And
`exported-variables` find only what a command exported, and a task's variable that the project has as well is
refused. What is not modelled (run-as, other shells, graphs and matrices, secondary artifacts, RETRY …) is
refused. Not there at all: provisioning, runtime-versions, cache, timeouts.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import tempfile
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
_KEYS = {
    "": {"version", "batch", "env", "phases", "reports", "artifacts", "cache"},
    "batch": {"fast-fail", "build-list"},
    "task": {"identifier", "env", "ignore-failure"},
    "task's env": {"variables"},
    "env": {"shell", "variables", "parameter-store", "secrets-manager", "exported-variables",
            "git-credential-helper"},
    "phase": {"commands", "finally", "on-failure", "runtime-versions"},
    "report": {"files", "file-format", "base-directory", "discard-paths"},
    "artifacts": {"files", "name", "base-directory", "discard-paths"},
}  # fmt: skip
_REPORT_FORMATS = {
    "CUCUMBERJSON", "JUNITXML", "NUNITXML", "NUNIT3XML", "TESTNGXML", "VISUALSTUDIOTRX",
    "CLOVERXML", "COBERTURAXML", "JACOCOXML", "SIMPLECOV",
}  # fmt: skip
# The state is a script that sets it up again. `set` prints every variable, quoted; `env` is empty at first.
_RESTORE = """\
. "{state}/variables"
cd -- "$RUNNER_FOLDER" || exit 125
unset RUNNER_FOLDER
{command}
RUNNER_STATUS=$?
RUNNER_FOLDER=$PWD
{{ set | grep -Ev '^(RUNNER_STATUS|PPID|UID|EUID|SHELLOPTS|BASHOPTS|BASH_VERSINFO)='; export -p; }} \
>"{state}/saved" && mv "{state}/saved" "{state}/variables"
exit "$RUNNER_STATUS"
"""


class BuildspecError(Exception):
    """CodeBuild would not take this buildspec, or we do not know what it would make of it."""


@dataclass
class Build:
    """A finished build. phases holds the status of each phase that was entered, in this order."""

    phases: dict[str, str] = field(default_factory=dict)
    log: str = ""
    exported: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    reports: dict[str, list[str]] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        return set(self.phases.values()) <= {"SUCCEEDED", "CONTINUED"}


def run_build(
    text: str,
    source: Path,
    image: Mapping[str, str],
    *,
    project: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Build:
    """The build of a buildspec's text in a folder with the source.

    image:   the environment of the build image, with what CodeBuild itself sets.
    project: variables of the project or of the call that starts the build.
    secrets: the values behind the references under parameter-store and secrets-manager.
    """
    spec = yaml.safe_load(text)
    _check(spec)
    env = spec.get("env", {})
    stored = {**env.get("parameter-store", {}), **env.get("secrets-manager", {})}
    hidden = {name: (secrets or {})[reference] for name, reference in stored.items()}
    plain = {name: str(value) for name, value in env.get("variables", {}).items()}
    with tempfile.TemporaryDirectory(prefix="buildspec-") as state:
        shell = _Shell(Path(state), source, {**image, **plain, **hidden, **(project or {})})
        build = Build()
        for name in PHASES:
            if not _phase(name, spec["phases"].get(name, {}), shell, build):
                break
        variables = shell.exported()
    build.exported = {
        name: variables[name]
        for name in env.get("exported-variables", ())
        if name in variables and name not in hidden and not name.startswith("AWS_")
    }
    _upload(spec, source, build)
    for value in hidden.values():
        build.log = build.log.replace(value, "***")
    return build


def run_batch(
    text: str, source: Callable[[], Path], image: Mapping[str, str], *, project: Mapping[str, str]
) -> dict[str, Build]:
    """The builds of a buildspec with a `build-list`, by the tasks' identifiers. source gives each a clone."""
    spec = yaml.safe_load(text)
    _check(spec)
    builds: dict[str, Build] = {}
    for task in spec["batch"]["build-list"]:
        variables = {name: str(value) for name, value in task.get("env", {}).get("variables", {}).items()}
        if twice := set(variables) & set(project):
            raise BuildspecError(f"whose value counts is not documented: {sorted(twice)}")
        facts = {
            "CODEBUILD_BATCH_BUILD_IDENTIFIER": task["identifier"],
            "CODEBUILD_BUILD_ID": f"app:{uuid.uuid4()}",
        }
        builds[task["identifier"]] = run_build(
            text, source(), {**image, **facts}, project={**project, **variables}
        )
    return builds


class _Shell:
    """The one state that all commands share."""

    def __init__(self, state: Path, folder: Path, environ: Mapping[str, str]) -> None:
        self._state = state
        first = {**environ, "CODEBUILD_SRC_DIR": str(folder)}
        lines = [f"export {name}={shlex.quote(value)}" for name, value in first.items()]
        (state / "variables").write_text("\n".join([*lines, f"RUNNER_FOLDER={shlex.quote(str(folder))}\n"]))

    def run(self, command: str, *, succeeding: bool) -> tuple[int, str]:
        with (self._state / "variables").open("a") as variables:
            variables.write(f"export CODEBUILD_BUILD_SUCCEEDING={int(succeeding)}\n")
        script = self._state / "script.sh"
        script.write_text(_RESTORE.format(state=self._state, command=command))
        done = subprocess.run(
            ["/bin/sh", script], env={}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=900,
        )  # fmt: skip
        return done.returncode, done.stdout

    def exported(self) -> dict[str, str]:
        text = f'. "{self._state}/variables"; unset RUNNER_FOLDER; exec env -0'
        shown = subprocess.run(["/bin/sh", "-c", text], env={}, capture_output=True, text=True, check=True)
        return dict(one.split("=", 1) for one in shown.stdout.split("\0") if "=" in one)


def _phase(name: str, phase: Mapping[str, Any], shell: _Shell, build: Build) -> bool:
    """Runs a phase; whether the build goes on after it."""
    build.log += f"[Container] Entering phase {name.upper()}\n"
    good = True
    for commands, stops in ((phase.get("commands") or (), True), (phase.get("finally") or (), False)):
        for command in commands:
            so_far = good and set(build.phases.values()) <= {"SUCCEEDED"}
            status, said = shell.run(str(command), succeeding=so_far)
            build.log += f"[Container] Running command {command}\n{said}"
            if status:
                build.log += (
                    f"[Container] Error while executing command: {command}. Reason: exit status {status}\n"
                )
                good = False
                if stops:
                    break
    reaction = phase.get("on-failure", "")
    build.phases[name] = "SUCCEEDED" if good else "CONTINUED" if reaction == "CONTINUE" else "FAILED"
    build.log += f"[Container] Phase complete: {name.upper()} State: {build.phases[name]}\n"
    return good or reaction == "CONTINUE" or (name == "build" and reaction != "ABORT")


def _upload(spec: Mapping[str, Any], source: Path, build: Build) -> None:
    for group, report in spec.get("reports", {}).items():
        found = _files(report, source, build)
        for path in found.values():
            if report.get("file-format", "JUNITXML").upper().endswith("XML"):
                ElementTree.parse(path)
        build.reports[group] = sorted(found)
    if "artifacts" in spec:
        found = _files(spec["artifacts"], source, build)
        build.artifacts = {name: path.read_bytes() for name, path in found.items()}
        build.phases["upload_artifacts"] = "SUCCEEDED" if found else "FAILED"
        if not found:
            build.log += "[Container] CLIENT_ERROR Message: no matching artifact paths found\n"


def _files(wanted: Mapping[str, Any], source: Path, build: Build) -> dict[str, Path]:
    """What is uploaded, by its name there."""
    base = source / wanted.get("base-directory", ".")
    found: dict[str, Path] = {}
    for pattern in wanted["files"]:
        if pattern.startswith("/") or ".." in Path(pattern).parts:
            raise BuildspecError(f"not modelled: {pattern}")
        paths = [path for path in base.glob(pattern) if path.is_file()]
        if not paths:
            build.log += f"[Container] Skipping invalid file path {pattern}\n"
        for path in paths:
            found[
                path.name if wanted.get("discard-paths") in (True, "yes") else str(path.relative_to(base))
            ] = path
    return found


def _check(spec: Any) -> None:
    if not isinstance(spec, dict) or spec.get("version") != 0.2:
        raise BuildspecError("version: 0.2 alone is modelled")
    _only("", spec)
    env, artifacts, reports = (spec.get(name, {}) for name in ("env", "artifacts", "reports"))
    _only("env", env)
    if env.get("shell", "/bin/sh") != "/bin/sh":
        raise BuildspecError(f"not modelled: shell {env['shell']}")
    if reserved := [name for name in env.get("variables", {}) if name.startswith("CODEBUILD_")]:
        raise BuildspecError(f"reserved: {reserved}")
    batch = spec.get("batch", {})
    _only("batch", batch)
    tasks = batch.get("build-list", [])
    for task in tasks:
        _only("task", task)
        _only("task's env", task.get("env", {}))
        if not re.fullmatch(r"[A-Za-z0-9_]{1,127}", str(task.get("identifier", ""))):
            raise BuildspecError(f"not an identifier: {task.get('identifier')}")
    if len({task["identifier"] for task in tasks}) < len(tasks):
        raise BuildspecError("two tasks have one identifier")
    for name, phase in spec["phases"].items():
        if name not in PHASES:
            raise BuildspecError(f"there is no phase {name}")
        _only("phase", phase)
        if phase.get("on-failure", "ABORT") not in ("ABORT", "CONTINUE"):
            raise BuildspecError(f"not modelled: on-failure {phase['on-failure']}")
        for command in (*(phase.get("commands") or ()), *(phase.get("finally") or ())):
            if not isinstance(command, (str, int)):
                raise BuildspecError(f"{name}: a command is text, and not {command!r}: quote it")
    if len(reports) > 5:
        raise BuildspecError("a project has at most five report groups")
    for report in reports.values():
        _only("report", report)
        if report.get("file-format", "JUNITXML").upper() not in _REPORT_FORMATS:
            raise BuildspecError(f"there is no report format {report['file-format']}")
    if artifacts:
        _only("artifacts", artifacts)
    if any("files" not in one for one in (*reports.values(), *([artifacts] if artifacts else []))):
        raise BuildspecError("files is required")


def _only(place: str, given: Iterable[str]) -> None:
    if strange := set(given) - _KEYS[place]:
        raise BuildspecError(f"not modelled under {place or 'the top'}: {sorted(strange)}")
