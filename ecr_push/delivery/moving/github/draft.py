"""A job while it is moved over: what each of its steps becomes, and what is said of that."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecr_push.base.yaml_spans import Text
from ecr_push.delivery.moving.github.step_text import Input
from ecr_push.delivery.moving.github.words import OBSERVED
from ecr_push.delivery.moving.github.workflow import Job, Step, Workflow
from ecr_push.delivery.moving.image_name import ImageName
from ecr_push.delivery.moving.model import Fate, Line, Wish
from ecr_push.delivery.moving.shell.operations import Operation
from ecr_push.delivery.moving.values import Value

# Events that are about a commit, of which github.sha is the one that is checked out.
_OF_A_COMMIT = frozenset({"push", "release", "workflow_dispatch"})


@dataclass
class Pushed:
    """An image that a step of ours pushes. names: under which it was pushed, to find them elsewhere.

    credentials: inputs in place of a step that made them. meta: the id of a step that makes its names.
    """

    step: Step
    identity: str
    names: list[ImageName] = field(default_factory=list)
    credentials: list[Input] = field(default_factory=list)
    meta: str = ""


@dataclass
class Deployed:
    """A step of ours that deploys in the place of others. step: the last of them. credentials: see `Pushed`.

    permissions: options of `ecr-push iam policy`, for what it needs. has_region: whether it names its region.
    """

    step: Step
    identity: str
    permissions: str
    has_region: bool = False
    credentials: list[Input] = field(default_factory=list)


@dataclass
class Draft:
    """becomes: the text of each step that does not stay, by its place; "" for one that goes.

    outputs: (step's id, output) -> what stands for `steps.ID.outputs.OUTPUT` from now on.
    takers:  steps that are given the image by its digest, which they may pull with docker's login.
    scripts: what is left of the script of a step that has changed, by its place.
    texts:   the same, where the whole `${{ … }}` becomes a text.
    deploying: the lines that deploy, in a job that pushes nothing too. commands: those that stay of scripts,
             with the places of their steps. exported: what scripts write to GITHUB_ENV.
    """

    workflow: Workflow
    job: Job
    wish: Wish
    becomes: dict[int, str] = field(default_factory=dict)
    pushed: list[Pushed] = field(default_factory=list)
    deployed: list[Deployed] = field(default_factory=list)
    outputs: dict[tuple[str, str], str] = field(default_factory=dict)
    scripts: dict[int, str] = field(default_factory=dict)
    takers: list[Step] = field(default_factory=list)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    gate: Input | None = None
    deploying: set[int] = field(default_factory=set)
    exported: dict[str, Value] = field(default_factory=dict)
    commands: list[tuple[int, Operation]] = field(default_factory=list)

    @property
    def needs_peers_naming(self) -> bool:
        """Whether the commit of a run may be a pull request's merge, which rules leave aside on their own."""
        return bool(self.workflow.events & {"pull_request", "pull_request_target", "workflow_call"})

    @property
    def has_commit(self) -> bool:
        """Whether github.sha is what is checked out, in a workflow that builds no commit every night."""
        checkouts = (one for one in self.job.steps if one.uses == "actions/checkout")
        is_another = any(one.input("ref") or one.input("repository") for one in checkouts)
        return bool(self.job.name) and not is_another and self.workflow.events <= _OF_A_COMMIT

    def say_line(self, number: int, text: str, fate: Fate, became: str = "", why: str = "") -> None:
        self.lines.append(Line(number, text, fate, became, why))

    def say(
        self, step: Step, fate: Fate, became: str = "", why: str = "", *, line: int = 0, text: str = ""
    ) -> None:
        """Of a step as a whole, or of one of its lines."""
        shown = text or step.node.text("uses") or step.node.text("name") or step.node.text("run")
        self.lines.append(Line(line or step.line, shown, fate, became, why))

    def say_input(self, step: Step, name: str, fate: Fate, became: str = "", why: str = "") -> None:
        """Of an input of a step."""
        for key, node in step.inputs().pairs:
            if key.value.lower() == name.lower():
                text = node.value if isinstance(node, Text) else ""
                self.lines.append(Line(key.line, f"{key.value}: {text}", fate, became, why))

    def runs(self) -> list[tuple[int, Step, str]]:
        """The scripts that are left of the job, by the place of their steps."""
        kept = [(at, one, one.run.value) for at, one in self.left() if one.run is not None]
        return sorted(
            [*kept, *((at, self.job.steps[at], text) for at, text in self.scripts.items())],
            key=lambda one: one[0],
        )

    def left(self) -> list[tuple[int, Step]]:
        """The steps that stay as they are."""
        return [(at, one) for at, one in enumerate(self.job.steps) if at not in self.becomes]

    def new_id(self, wanted: str) -> str:
        """An id that no step of the job has."""
        ours: tuple[Pushed | Deployed, ...] = (*self.pushed, *self.deployed)
        taken = {one.id for one in self.job.steps} | {one.identity for one in ours}
        if wanted not in taken:
            return wanted
        return next(name for n in range(2, 1000) if (name := f"{wanted}-{n}") not in taken)

    def common_inputs(self) -> list[Input]:
        """What every image gets at its end: whether findings refuse it."""
        if self.gate:
            return [self.gate]
        if self.wish.gate:
            return []
        return [Input("observe", "true", comment=OBSERVED)]
