"""What buildx said when it failed: whether it was the build or the push, and which step."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from ecr_push.base import process
from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.base.regex import lazy_regex
from ecr_push.builder.bake import TARGET
from ecr_push.builder.buildx_command import Program, choices
from ecr_push.builder.buildx_instances import unanswered
from ecr_push.builder.buildx_program import DOCKERS_PLUGIN
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.push_failure import push_failure
from ecr_push.builder.recap import essence, recap

# How BuildKit quotes the step that failed:
#     Dockerfile:2
#     --------------------
#        1 |     FROM scratch
#        2 | >>> RUN make
_FAILED_STEP = lazy_regex(
    r"^(?P<place>\S+:\d+)\n-{20,}\n(?: *\d+ \|.*\n)*? *\d+ \| >>> (?P<step>.*)$", re.MULTILINE
)
# git's words where an address needs a user, of HTTP and of SSH.
_NO_ACCESS = lazy_regex(r"could not read Username|Authentication failed|Permission denied \(publickey")


def failure(
    completed: process.Completed,
    plan: BuildPlan,
    name: str,
    program: Program = DOCKERS_PLUGIN,
    builder: str = "",
) -> BuildError | RegistryError:
    """Returns the error of a build and push: only BuildKit's message shows which of the two failed."""
    last = last_error(completed)
    if "failed to push" in last or f'"{name}"' in last or f" {name}:" in last:
        return push_failure(last)
    return build_failure(completed, plan, program, builder or plan.builder)


def last_error(completed: process.Completed) -> str:
    """The last line in which buildx says why it ends, without its head; "" where there is none."""
    errors = [line for line in completed.output if line.startswith("ERROR:")]
    return _without_target(errors[-1]).removeprefix("ERROR: ") if errors else ""


def _without_target(line: str) -> str:
    """`ERROR: target image: failed to solve: …` -> `ERROR: failed to solve: …`; it has one target alone."""
    head = f"ERROR: target {TARGET}: "
    return f"ERROR: {line.removeprefix(head)}" if line.startswith(head) else line


def build_failure(
    completed: process.Completed, plan: BuildPlan, program: Program, builder: str
) -> BuildError:
    """builder: as it was given, a name or an address."""
    attested = plan.attestations.flags() if plan.attestations else ()
    context = plan.remote or str(plan.context)
    again = shlex.join((*program, "build", *attested, *choices(plan), context))
    step = _failed_step(completed.output)
    lines = [_without_target(line) for line in recap(completed.output)]
    hint = _for_a_private_repository(completed.output) + ("correct that step: " if step else "")
    return unanswered(completed.output, builder, program) or BuildError(
        step or f"{' '.join(program)} build failed with exit code {completed.exit_code}",
        why="\n".join(essence(lines) if step else lines),
        remedy=f"{hint}`{again}` builds without pushing",
    )


def _for_a_private_repository(output: Sequence[str]) -> str:
    """What BuildKit itself could not fetch; a step that clones has other words around git's."""
    text = "\n".join(output)
    if "failed to fetch remote" not in text or not _NO_ACCESS.search(text):
        return ""
    return "for a private repository give --secret id=GIT_AUTH_TOKEN,env=NAME, or --ssh default; "


def _failed_step(output: Sequence[str]) -> str:
    """Returns the Dockerfile's line that failed, such as `Dockerfile:2: RUN make: exit code 2`, or ""."""
    text = "\n".join(output)
    steps = list(_FAILED_STEP.finditer(text))
    if not steps:
        return ""
    codes = re.findall(r"^ERROR: .*\bexit code: (\d+)$", text, re.MULTILINE)
    suffix = f": exit code {codes[-1]}" if codes else ""
    return f"{steps[-1]['place']}: {steps[-1]['step'].strip()}{suffix}"
