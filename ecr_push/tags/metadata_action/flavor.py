"""Text of docker/metadata-action's `flavor:` -> Flavor, which applies to all tags. Pure."""

from __future__ import annotations

from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.tags.metadata_action import expressions
from ecr_push.tags.metadata_action.csv_line import QuoteError, numbered_lines, read_fields, split_field
from ecr_push.tags.metadata_action.mistakes import RuleMistakes, expected, shortened
from ecr_push.tags.metadata_action.template import EMPTY, Template, TemplateError, parse_template
from ecr_push.tags.metadata_action.whole_names import whole_names

_FIELDS = ("latest", "prefix", "suffix", "onlatest")
_LATEST = ("auto", "true", "false")
_FLAGS = ("true", "false")


@dataclass(frozen=True)
class Flavor:
    """What applies to all tags.

    latest: with "auto" the first rule that gives a tag decides. The affixes are added to it on request.
    doubts: what was read as the action reads it, and was probably not meant so.
    """

    latest: str = "auto"
    prefix: Template = EMPTY
    prefix_on_latest: bool = False
    suffix: Template = EMPTY
    suffix_on_latest: bool = False
    doubts: tuple[str, ...] = ()


def parse_flavor(text: str) -> Flavor:
    """Parses `latest=auto|true|false`, `prefix=…,onlatest=true|false` and `suffix=…`, on one or more lines.

    Raises RuleMistakes with every mistake.
    """
    reader = _Reader()
    for line, content in numbered_lines(text):
        reader.read(line, content)
    if reader.problems:
        raise RuleMistakes(reader.problems)
    return replace(reader.flavor, doubts=tuple(reader.doubts))


class _Reader:
    def __init__(self) -> None:
        self.flavor = Flavor()
        self.problems: list[str] = []
        self.doubts: list[str] = []
        self.given: set[str] = set()
        self.line = 0

    def read(self, line: int, text: str) -> None:
        self.line = line
        affix = ""  # the one that a following `onlatest` on the same line is for
        try:
            fields = read_fields(text, ("prefix", "suffix"))
        except QuoteError as error:
            self._mistake(text, str(error))
            return
        for field in fields:
            pair = split_field(field)
            if not pair or pair[0] not in _FIELDS:
                self._mistake(
                    field or ",",
                    f"not a field of the flavor; {expected(pair[0] if pair else field, _FIELDS)}",
                )
                continue
            key, value = pair
            named = f"{affix},onlatest" if key == "onlatest" else key
            if named in self.given:
                self.doubts.append(
                    f"line {line}: {shortened(field)}: {key}= is given twice, and the last one counts"
                )
            self.given.add(named)
            affix = key if key in ("prefix", "suffix") else affix
            if key == "latest":
                self._latest(field, value)
            elif key == "onlatest":
                self._on_latest(field, value, affix)
            else:
                self._affix(field, key, value)

    def _latest(self, field: str, value: str) -> None:
        if value not in _LATEST:
            self._mistake(field, expected(value, _LATEST))
        self.flavor = replace(self.flavor, latest=value)

    def _on_latest(self, field: str, value: str, affix: str) -> None:
        if value not in _FLAGS:
            self._mistake(field, expected(value, _FLAGS))
        if not affix:
            self._mistake(
                field, "it must follow prefix= or suffix= on the same line: prefix=dev-,onlatest=true"
            )
        elif affix == "prefix":
            self.flavor = replace(self.flavor, prefix_on_latest=value == "true")
        else:
            self.flavor = replace(self.flavor, suffix_on_latest=value == "true")

    def _affix(self, field: str, key: str, value: str) -> None:
        try:
            template = parse_template(value)
        except TemplateError as error:
            self._mistake(field, str(error))
            return
        for problem in (*expressions.problems_of(template, expressions.GLOBAL), *whole_names(template, key)):
            self._mistake(field, problem)
        if any("=" in part for part in template.parts if isinstance(part, str)):
            self._mistake(field, "a tag cannot contain =")  # the action drops what follows a second one
        if key == "prefix":
            self.flavor = replace(self.flavor, prefix=template)
        else:
            self.flavor = replace(self.flavor, suffix=template)

    def _mistake(self, part: str, why: str) -> None:
        self.problems.append(f"line {self.line}: {shortened(part)}: {why}")
