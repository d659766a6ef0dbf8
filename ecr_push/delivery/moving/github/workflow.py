"""A workflow's jobs and steps, and where each stands in the text. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.yaml_spans import Items, Members, Text, read_documents
from ecr_push.delivery.moving.model import NotMovedError


@dataclass(frozen=True, eq=False)
class Step:
    """begin, end: of its lines, with the comments right above it. head: where the line of its dash begins.

    dash: the column of its dash. column: that of its keys.
    """

    node: Members
    begin: int
    head: int
    end: int
    line: int
    dash: int
    column: int

    @property
    def uses(self) -> str:
        """The action without its version, in small letters; "" for a step with `run`."""
        return self.node.text("uses").partition("@")[0].strip().lower()

    @property
    def id(self) -> str:
        return self.node.text("id")

    @property
    def run(self) -> Text | None:
        found = self.node.get("run")
        return found if isinstance(found, Text) else None

    @property
    def condition(self) -> str:
        """Of its `if`, without `${{ }}`."""
        text = self.node.text("if").strip()
        inner = text.removeprefix("${{").removesuffix("}}").strip()
        return inner if text.startswith("${{") and text.count("${{") == 1 else text

    def inputs(self) -> Members:
        return _members(self.node.get("with"))

    def input(self, name: str) -> str:
        """An input's text; names are the same in any case, as for GitHub."""
        wanted = name.lower()
        return next(
            (
                node.value
                for key, node in self.inputs().pairs
                if key.value.lower() == wanted and isinstance(node, Text)
            ),
            "",
        )

    def environment(self) -> Members:
        return _members(self.node.get("env"))


@dataclass(frozen=True, eq=False)
class Job:
    """name: its id, "" for the steps of a composite action. environment: of the workflow and the job.

    folder, shell: of a script whose step names none.
    """

    name: str
    node: Members
    steps: tuple[Step, ...]
    environment: tuple[Members, ...]
    folder: str = ""
    shell: str = ""


@dataclass(frozen=True, eq=False)
class Workflow:
    text: str
    document: Members
    jobs: tuple[Job, ...]

    @property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    @property
    def events(self) -> frozenset[str]:
        """What starts it."""
        on = self.document.get("on")
        if isinstance(on, Text):
            return frozenset({on.value})
        if isinstance(on, Items):
            return frozenset(one.value for one in on.nodes if isinstance(one, Text))
        return frozenset(name.value for name, _ in _members(on).pairs)


def read_workflow(text: str, path: str) -> Workflow:
    """Raises NotMovedError for what is not a workflow, and YamlError."""
    documents = read_documents(text)
    if len(documents) != 1 or not isinstance(documents[0], Members):
        raise NotMovedError(f"{path} is not a workflow: expected one map with `on` and `jobs`")
    document = documents[0]
    jobs, composite = document.get("jobs"), document.get("runs")
    around = _members(document.get("env"))
    defaults = _defaults(document)
    if isinstance(composite, Members) and composite.text("using") == "composite":
        return Workflow(text, document, (_job("", composite, around, defaults, text),))
    if not isinstance(jobs, Members):
        raise NotMovedError(f"{path} is not a workflow: it has no `jobs`")
    found = [
        _job(name.value, node, around, defaults, text)
        for name, node in jobs.pairs
        if isinstance(node, Members)
    ]
    return Workflow(text, document, tuple(found))


def texts(node: Any) -> Iterator[Text]:
    """Every text below a node, each once."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Text):
            yield one
        elif isinstance(one, Items):
            waiting += reversed(one.nodes)
        elif isinstance(one, Members):
            waiting += [value for _, value in reversed(one.pairs)]


def _defaults(node: Members) -> Members:
    """What holds for each `run` of a workflow or a job."""
    return _members(_members(node.get("defaults")).get("run"))


def _job(name: str, node: Members, around: Members, defaults: Members, text: str) -> Job:
    listed = node.get("steps")
    nodes = listed.nodes if isinstance(listed, Items) and not listed.flow else ()
    steps = [_step(one, text) for one in nodes if isinstance(one, Members) and one.pairs]
    # A step that is an alias stands elsewhere: such a job stays as it is.
    in_order = all(one.end <= after.begin for one, after in pairwise(steps))
    own = _defaults(node)
    return Job(
        name,
        node,
        tuple(steps) if in_order else (),
        (around, _members(node.get("env"))),
        own.text("working-directory") or defaults.text("working-directory"),
        own.text("shell") or defaults.text("shell"),
    )


def _step(node: Members, text: str) -> Step:
    first = node.pairs[0][0]
    dash = text.rfind("-", 0, first.begin)
    head = text.rfind("\n", 0, max(dash, 0)) + 1
    column = first.begin - text.rfind("\n", 0, first.begin) - 1
    column = dash - head + 2 if node.flow else column
    last = max((one.end for one in texts(node)), default=first.end)
    last = max(last, *(name.end for name, _ in node.pairs))
    end = text.find("\n", len(text[:last].rstrip()))
    return Step(
        node,
        _with_comments(text, head, dash - head),
        head,
        len(text) if end < 0 else end + 1,
        text.count("\n", 0, dash) + 1,
        dash - head,
        column,
    )


def _with_comments(text: str, head: int, column: int) -> int:
    """Where the comments begin that stand right above a step, in its column."""
    begin = head
    while begin:
        above = text.rfind("\n", 0, begin - 1) + 1
        line = text[above:begin]
        if not line.strip().startswith("#") or len(line) - len(line.lstrip()) != column:
            break
        begin = above
    return begin


def _members(node: Any) -> Members:
    return node if isinstance(node, Members) else Members((), 0)
