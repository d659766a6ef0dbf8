"""What podman and buildah print: the steps of a build, what they leave out, and why they end. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ecr_push.base.errors import BuildError
from ecr_push.base.log import Narrator
from ecr_push.base.process import Completed
from ecr_push.base.regex import lazy_regex
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.podman_command import FORMAT

SHOWN_LINES = 15
_STEP = lazy_regex(r"(?:\[[^\]]+\] ?)*STEP \d+/\d+: ")
_FROM_CACHE = "--> Using cache "
_FAILED_STEP = lazy_regex(r'building at STEP "(?P<step>.*?)": (?P<why>.*)')
_EXIT_CODE = lazy_regex(r"exit status (\d+)$")
_LEFT_OUT = lazy_regex(r"\b([A-Z]+) is not supported for OCI image format")
_SHORT_NAME = "short-name"


class BuildLines:
    """The lines of a build, which narrator shows. steps, and how many of them came from a cache."""

    def __init__(self, narrator: Narrator) -> None:
        self._narrator = narrator
        self._left_out: set[str] = set()
        self.steps = 0
        self.cached = 0

    def read(self, line: str) -> None:
        self._narrator.detail(line)
        self.steps += bool(_STEP.match(line))
        self.cached += line.startswith(_FROM_CACHE)
        if (found := _LEFT_OUT.search(line)) and found[1] not in self._left_out:
            self._left_out.add(found[1])
            self._narrator.warn(
                f"the image has no {found[1]}, which the OCI format does not know: "
                f"{FORMAT}=docker in the environment keeps it"
            )


def failure(tool: str, done: Completed, plan: BuildPlan) -> BuildError:
    """The error of a build that made no image."""
    last = error_in(done.output)
    step = _FAILED_STEP.search(last)
    code = _EXIT_CODE.search(last)
    what = f"{tool} build failed with exit code {done.exit_code}"
    if step:
        what = f"{plan.dockerfile}: {step['step']}: {f'exit code {code[1]}' if code else step['why']}"
    remedy = f"correct what {tool}'s lines name"
    if _SHORT_NAME in last:
        remedy = (
            "name the registry in FROM, such as docker.io/library/alpine, or give podman a search list: "
            "unqualified-search-registries in /etc/containers/registries.conf"
        )
    return BuildError(what, why="\n".join(done.output[-SHOWN_LINES:]), remedy=remedy)


def error_in(output: Sequence[str]) -> str:
    """The last line that names an error; else the last one."""
    found = [line for line in output if re.match(r"(?i)error\b", line)]
    return re.sub(r"(?i)^error: ", "", (found or list(output) or [""])[-1])
