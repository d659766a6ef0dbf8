"""Tag rules -> Rules: the lines of docker/metadata-action's `tags:`, parsed once.

A line is CSV (`csv_line`); each field is `attribute=value`, split at its first `=`, and a field without one
is the value. Blank lines and lines that start with `#` are skipped. What the action ignores, or fails on when
it runs (an attribute that the type does not have, an unknown expression), is a mistake: all are reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.tags.metadata_action import expressions
from ecr_push.tags.metadata_action.csv_line import QuoteError, numbered_lines, read_fields, split_field
from ecr_push.tags.metadata_action.mistakes import JS_SPACE, RuleMistakes, expected, shortened
from ecr_push.tags.metadata_action.tag_rule import TagRule
from ecr_push.tags.metadata_action.template import EMPTY, Template, TemplateError, literal, parse_template
from ecr_push.tags.metadata_action.whole_names import images_of, whole_names

if TYPE_CHECKING:
    from ecr_push.tags.metadata_action.pattern import JsPattern

# The rules that apply if the text has none.
DEFAULT_RULES = """\
type=schedule
type=ref,event=branch
type=ref,event=tag
type=ref,event=pr
"""


@dataclass(frozen=True)
class _Type:
    priority: int
    attributes: tuple[str, ...]
    required: str = ""


TYPES: Mapping[str, _Type] = {
    "schedule": _Type(1000, ("pattern",)),
    "semver": _Type(900, ("pattern", "value", "match"), "pattern"),
    "pep440": _Type(900, ("pattern", "value", "match"), "pattern"),
    "match": _Type(800, ("pattern", "group", "value"), "pattern"),
    "edge": _Type(700, ("branch",)),
    "ref": _Type(600, ("event",), "event"),
    "raw": _Type(200, ("value",), "value"),
    "sha": _Type(100, ("format",)),
}
_COMMON = ("enable", "priority", "prefix", "suffix")
_CHOICES = {"event": ("branch", "tag", "pr"), "format": ("short", "long")}
_FREE_TEXT = frozenset({"value", "pattern", "match", "prefix", "suffix", "branch"})
# The expressions of a type's pattern, and the default prefixes.
_PATTERNS = {"schedule": expressions.DATES, "semver": expressions.SEMVER, "pep440": expressions.PEP440}
_PREFIXES = {"sha": "sha-", "pr": "pr-"}
_QUOTE = 'put a value with a comma in quotes: "value=a,b"'
_NUMBER = lazy_regex(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUP = lazy_regex(r"0|[1-9][0-9]{0,8}")


def parse_rules(text: str) -> tuple[TagRule, ...]:
    """Parses the rules of a text, highest priority first; without any, DEFAULT_RULES. Equal ones keep order.

    Raises RuleMistakes with every mistake.
    """
    problems: list[str] = []
    rules = [rule for line, content in numbered_lines(text) for rule in _rules(line, content, problems)]
    if problems:
        raise RuleMistakes(problems)
    if not rules:
        rules = [rule for content in DEFAULT_RULES.splitlines() for rule in _rules(0, content, problems)]
    return tuple(sorted(rules, key=lambda rule: -rule.priority))


def _rules(line: int, text: str, problems: list[str]) -> Iterator[TagRule]:
    """The rule of a line, or that of each image which it names, as docker/build-push-action's lines do."""
    reader = _Reader(line, text.strip(JS_SPACE), problems)
    try:
        fields = read_fields(text, _FREE_TEXT)
    except QuoteError as error:
        reader.mistake(str(error))
        return
    images = images_of(fields)
    for repository, tag in images:
        if rule := _Reader(line, reader.text, problems).read(["type=raw", f"value={tag}"]):
            yield replace(rule, image=repository)
    if fields and not images and (rule := reader.read(fields)):
        yield rule


class _Reader:
    """One line's fields -> its TagRule. Mistakes are added to problems."""

    def __init__(self, line: int, text: str, problems: list[str]) -> None:
        self.line = line
        self.text = text
        self.problems = problems
        self.given: dict[str, str] = {}
        self.doubts: list[str] = []

    def mistake(self, why: str, part: str = "") -> None:
        self.problems.append(f"line {self.line}: {shortened(part or self.text)}: {why}")

    def read(self, fields: Sequence[str]) -> TagRule | None:
        before = len(self.problems)
        self._collect(fields)
        name = self.given.get("type", "raw")
        kind = TYPES.get(name)
        if kind:
            self._check_names(name, kind)
        else:
            self.mistake(f"there is no type {name!r}; {expected(name, TYPES)}", f"type={name}")
        event = self._choice("event", "ref", name)
        search = self._search(name)
        rule = TagRule(
            line=self.line,
            text=self.text,
            type=name,
            priority=self._priority(kind.priority if kind else 0),
            enable=self._enable(),
            prefix=self._template("prefix", expressions.GLOBAL, _PREFIXES.get(name, _PREFIXES.get(event))),
            suffix=self._template("suffix", expressions.GLOBAL),
            pattern=(self._template("pattern", _PATTERNS[name], "nightly") or EMPTY)
            if name in _PATTERNS
            else EMPTY,
            value=self._template("value", expressions.GLOBAL) or EMPTY,
            search=search,
            group=self._group() if name == "match" else int(search is not None),
            branch=self.given.get("branch", ""),
            event=event,
            long=self._choice("format", "sha", name) == "long",
            doubts=tuple(self.doubts),
        )
        return rule if len(self.problems) == before else None

    def _collect(self, fields: Sequence[str]) -> None:
        """Reads fields into attributes; the last of two counts. To the action an empty field is a value."""
        bare: list[str] = []
        is_empty, is_deleted = False, False
        for field in fields:
            pair = split_field(field)
            if pair is None and not field:
                is_empty, is_deleted = True, is_deleted or bool(bare or self.given.get("value"))
            elif pair is None:
                bare.append(field)
            else:
                if pair[0] in self.given:
                    self.doubts.append(f"{pair[0]}= is given twice, and the last one counts")
                self.given[pair[0]] = pair[1]
        if is_deleted and self._takes_value:
            self.mistake("one comma too many: to docker/metadata-action it is an empty value")
        elif is_empty and self._takes_value and not bare:
            self.given.setdefault("value", "")
        if len(bare) > 1:
            self.mistake(
                f"a field without attribute= is the value, and a rule has one; {_QUOTE}", ",".join(bare)
            )
        elif bare and "value" in self.given:
            self.mistake(f"it is a second value in addition to value=; {_QUOTE}", bare[0])
        if bare and self._takes_value:
            self.given.setdefault("value", bare[0])
        elif bare:
            self.mistake(f"type={self.given.get('type', 'raw')} takes no value", bare[0])
        pattern = self.given.get("pattern", "")
        if bare and pattern.count("{") > pattern.count("}"):
            self.mistake('the comma splits it; put it in quotes: "pattern=…"', f"pattern={pattern},{bare[0]}")

    @property
    def _takes_value(self) -> bool:
        kind = TYPES.get(self.given.get("type", "raw"))
        return kind is None or "value" in kind.attributes

    def _check_names(self, name: str, kind: _Type) -> None:
        allowed = ("type", *kind.attributes, *_COMMON)
        for key, value in self.given.items():
            if key not in allowed:
                self.mistake(
                    f"type={name} has no attribute {key!r}; {expected(key, allowed)}", f"{key}={value}"
                )
        if kind.required and kind.required not in self.given:
            choices = f" ({' or '.join(_CHOICES[kind.required])})" if kind.required in _CHOICES else ""
            self.mistake(f"type={name} needs {kind.required}={choices}")

    def _priority(self, default: float) -> float:
        text = self.given.get("priority")
        if text is None:
            return default
        if text and not _NUMBER.fullmatch(text):
            self.mistake("priority must be a number, such as 900", f"priority={text}")
            return default
        return float(text or 0)  # JavaScript converts "" to 0

    def _enable(self) -> Template:
        template = self._template("enable", expressions.GLOBAL, "true") or literal("true")
        constant = template.constant
        if constant not in (None, "true", "false"):
            self.mistake(
                f"enable must be true, false, or an expression ({{{{is_default_branch}}}}), not {constant!r}"
                f"{did_you_mean(constant or '', ('true', 'false'))}",
                f"enable={template.text}",
            )
        return template

    def _choice(self, attribute: str, of_type: str, name: str) -> str:
        value = self.given.get(attribute, "")
        if name == of_type and attribute in self.given and value not in _CHOICES[attribute]:
            self.mistake(f"there is no {attribute} {value!r}; {expected(value, _CHOICES[attribute])}",
                         f"{attribute}={value}")  # fmt: skip
        return value if name == of_type else ""

    def _group(self) -> int:
        text = self.given.get("group", "0")
        if not _GROUP.fullmatch(text):
            self.mistake("group must be the number of a group; 0 is the whole match", f"group={text}")
            return 0
        return int(text)

    def _template(self, attribute: str, known: Sequence[str], default: str | None = None) -> Template | None:
        text = self.given.get(attribute, default)
        if text is None:
            return None
        try:
            template = parse_template(text)
        except TemplateError as error:
            self.mistake(str(error), f"{attribute}={text}")
            return literal("true")
        for problem in (*expressions.problems_of(template, known), *whole_names(template, attribute)):
            self.mistake(problem, f"{attribute}={text}")
        return template

    def _search(self, name: str) -> JsPattern | None:
        """Parses the pattern of match, or the `match` of semver and pep440, which use the first group."""
        attribute = "pattern" if name == "match" else "match"
        text = self.given.get(attribute)
        if name not in ("match", "semver", "pep440") or text is None or (name != "match" and not text):
            return None
        from ecr_push.tags.metadata_action.pattern import (  # few rules have one
            PatternError,
            parse_pattern,
            plain_pattern,
        )

        part = f"{attribute}={text}"
        try:
            pattern = parse_pattern(text) if name == "match" else plain_pattern(text)
        except PatternError as error:
            self.mistake(f"not a valid regular expression: {error}", part)
            return None
        group = self.given.get("group", "0") if name == "match" else "1"
        if name != "match" and not pattern.groups:
            self.mistake("it needs a group, which is read as the version: match=v(.*)", part)
        if group in map(str, pattern.unreliable) and not pattern.every:
            self.mistake(f"group {group} is repeated so that JavaScript and Python fill it differently; "
                         "move the repetition into the group", part)  # fmt: skip
        return pattern
