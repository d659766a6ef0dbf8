"""Whole builds of a small Jenkins of our own: Groovy 2.4, the library as it is, real shells.

Starting Java costs a second, so every build of a module is played by one process, some at a time.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

HERE = Path(__file__).parent
LIBRARY = ROOT / "jenkins"
EXAMPLES = ROOT / "examples" / "jenkins"
PIPELINES = HERE / "pipelines"
GROOVY = Path("/usr/share/java/groovy-all.jar")
CODENARC = ROOT / ".make" / "codenarc"
SECONDS = 1200.0  # ends what hangs, and nothing that is slow
# How this machine reaches the package index and the engine.
OF_THE_MACHINE = ("PIP_", "UV_", "SSL_CERT", "DOCKER_HOST", "http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True)
class Scenario:
    """A build: a Jenkinsfile, the repository that it checks out, and the world that it finds.

    agent:       the agent's own environment. environment: what Jenkins gives the build.
    credentials: {id: {binding's variable: value}}. missing: steps whose plugin is not there.
    broken:      steps that throw, such as `junit` or `sh LABEL`.
    abort_on:    text of the log on which a person aborts the build.
    patience:    seconds that Jenkins then waits for a script.
    watched:     every call of the library is recorded.
    agent_user:  the uid of the agent, where `sh` is run by another one.
    change:      {ref, target} of the pull request that the build is for: it merges the one into the other.
    broken:      publishing steps that throw. abort_on: text of the log on which a person aborts the build.
    user:        uid:gid of the agent, and of what runs in its containers. pod_user: that of a pod's agent.
    jnlp:        the image of a pod's agent. container_options: what `docker run` is given for any container.
    label:       what all these containers carry.
    """

    file: Path
    workspace: Path
    repository: str
    agent: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    commit: str = "HEAD"
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Sequence[str] = ()
    broken: Sequence[str] = ()
    abort_on: str = ""
    unix: bool = True
    library: Path = LIBRARY
    watched: bool = False
    patience: float = 20.0
    agent_user: int | None = None
    change: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    pod_user: str = ""
    jnlp: str = ""
    container_options: Sequence[str] = ()
    label: str = "ecr-push-test"

    def document(self, name: str) -> dict[str, Any]:
        number = sum(name.encode())
        given = {
            "JENKINS_URL": "https://jenkins.example.com/",
            "BUILD_URL": f"https://jenkins.example.com/job/{name}/1/",
            "BUILD_TAG": f"jenkins-{name}-{number}",
            "BRANCH_NAME": "main",
            "BRANCH_IS_PRIMARY": "true",
        }
        return {
            "name": name,
            "file": str(self.file),
            "library": str(self.library),
            "watched": self.watched,
            "patience": self.patience,
            "agentUser": self.agent_user,
            "change": dict(self.change),
            "workspace": str(self.workspace),
            "repository": self.repository,
            "commit": self.commit,
            "agent": dict(self.agent),
            # An empty one is not there.
            "environment": {name: text for name, text in {**given, **self.environment}.items() if text},
            "credentials": self.credentials,
            "missing": list(self.missing),
            "broken": list(self.broken),
            "abortOn": self.abort_on,
            "unix": self.unix,
            "user": self.user,
            "podUser": self.pod_user,
            "jnlp": self.jnlp,
            "containerOptions": list(self.container_options),
            "label": self.label,
        }


@dataclass(frozen=True)
class Built:
    """What became of a build."""

    result: str
    error: str
    log: str
    published: Sequence[Mapping[str, Any]]
    returned: Sequence[Mapping[str, Any]]
    shells: Sequence[Mapping[str, Any]]
    writes: Sequence[str]
    workspace: Path
    calls: Mapping[str, Any]

    @property
    def image(self) -> Mapping[str, Any]:
        """The one Map that ecrPush returned."""
        (only,) = self.returned
        value: Mapping[str, Any] = only["value"]
        return value

    @property
    def steps(self) -> list[str]:
        return [one["step"] for one in self.published]

    def files(self, step: str) -> Mapping[str, str]:
        """Name and content of what a publishing step found."""
        found: Mapping[str, str] = next(one["files"] for one in self.published if one["step"] == step)
        return found


def agent_of_this_machine(folder: Path, aws: Mapping[str, str]) -> dict[str, str]:
    """The environment of an agent that has what the real CLI needs, and uv. What it keeps is in folder."""
    home, tools = folder / "home", folder / "tools"
    for made in (home, tools):
        made.mkdir(exist_ok=True)
    if not (tools / "uv").exists():
        (tools / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    return {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(home),
        "LC_ALL": "C",  # what agents have; nothing may depend on it
        **{name: text for name, text in os.environ.items() if name.startswith(OF_THE_MACHINE)},
        "UV_CACHE_DIR": str(folder / "uv"),
        **aws,
    }


def released_library(folder: Path, bundle: Path) -> Path:
    """The library as a release has it."""
    shutil.copytree(LIBRARY, folder)
    shutil.copytree(bundle, folder / "resources" / "io" / "ecrpush" / "bundle")
    return folder


def require(*needed: Path | str) -> None:
    for one in needed:
        there = one.exists() if isinstance(one, Path) else shutil.which(one)
        if not there:
            pytest.fail(f"{one} is missing; `make test` installs it")


def compile_groovy(target: Path, sources: Iterable[Path]) -> None:
    require(GROOVY, "java")
    files = sorted(str(file) for folder in sources for file in folder.rglob("*.groovy"))
    compiler = "org.codehaus.groovy.tools.FileSystemCompiler"
    _java(GROOVY, compiler, "-d", str(target), *files)


def play(
    scenarios: Mapping[str, Scenario], folder: Path, umask: int = 0o022, before: Sequence[str] = ()
) -> dict[str, Built]:
    """Runs the builds and tells what became of each, by name. before: a program that starts Java."""
    classes = folder / "classes"
    compile_groovy(classes, [HERE / "stubs", HERE / "harness"])
    given, answers = folder / "scenarios.json", folder / "answers.json"
    given.write_text(json.dumps([one.document(name) for name, one in scenarios.items()]))
    _java(f"{GROOVY}:{classes}", "Main", str(given), str(answers), umask=umask, before=before)
    return {
        one["name"]: Built(
            one["result"],
            one["error"] or "",
            one["log"],
            one["published"],
            one["returned"],
            one["shells"],
            one["writes"],
            scenarios[one["name"]].workspace,
            one["calls"],
        )
        for one in json.loads(answers.read_text())
    }


_VIOLATION = re.compile(r"Rule=(\w+) P=\d Line=(\d+)")
_FILE = re.compile(r"File: (\S+)")


def violations(folder: Path, classes: Path, rules: Path) -> tuple[int, set[tuple[str, str]]]:
    """How many files CodeNarc looked at, and (file, rule) of what it found.

    It says little where it could not look: a class that does not resolve, or a pattern without a file.
    """
    require(CODENARC, "java")
    jars = ":".join(str(jar) for jar in sorted(CODENARC.rglob("*.jar")))
    said = _java(
        f"{jars}:{classes}",
        "org.codenarc.CodeNarc",
        f"-basedir={folder}",
        "-includes=**/*.groovy,**/*Jenkinsfile",
        f"-rulesetfiles=file:{rules}",
        "-report=console",
    )
    assert "Compilation failed" not in said, said
    total = re.search(r"TotalFiles=(\d+)", said)
    assert total, said
    found, file = set(), ""
    for line in said.splitlines():
        if named := _FILE.match(line.strip()):
            file = named[1]
        elif broken := _VIOLATION.search(line):
            found.add((Path(file).name, broken[1]))
    return int(total[1]), found


def _java(path: Path | str, *words: str, umask: int = 0o022, before: Sequence[str] = ()) -> str:
    done = subprocess.run(
        [*before, "java", "-XX:TieredStopAtLevel=1", "-cp", str(path), *words],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        umask=umask,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
