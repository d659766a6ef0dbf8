"""Rules and facts -> the tags, in docker/metadata-action's order: the main one, the others, latest. Pure.

as_peer=True gives exactly the action's tags. Otherwise three things differ:

- nothing is escaped for HTML (`{{branch}}` of `a&b` is `a-b`, not `a-amp-b`);
- `latest=auto` gives no latest to a pre-release that `type=ref,event=tag` or `type=match` matched;
- expressions in the flavor's affixes are also rendered for latest.

Always: a name that is not a valid tag is changed (`names.repaired`), and a version is never cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ecr_push.base.dataclass import dataclass
from ecr_push.tags.metadata_action import names
from ecr_push.tags.metadata_action.expressions import global_functions
from ecr_push.tags.metadata_action.facts import RuleFacts
from ecr_push.tags.metadata_action.flavor import Flavor
from ecr_push.tags.metadata_action.mistakes import RuleMistakes, shortened
from ecr_push.tags.metadata_action.tag_rule import TagRule
from ecr_push.tags.metadata_action.template import Template
from ecr_push.tags.metadata_action.values import Nothing, Render, Value, value_of

__all__ = ["Rendering", "RuleFacts", "RuleNote", "RuleTag", "render_rules"]


@dataclass(frozen=True)
class RuleTag:
    """A tag.

    rule:    the first that gave it; None for latest.
    prefix, suffix: what was added around it, as it is in the tag.
    version: what a semver or pep440 rule read, in normal form; otherwise "".
    numbers: the line of versions that the tag follows, (1, 4) of `{{major}}.{{minor}}`; () for latest; None
             for other tags. A pattern may have other text around the numbers: `v{{major}}` is (1,).
    """

    name: str
    rule: TagRule | None
    prefix: str = ""
    suffix: str = ""
    numbers: tuple[int, ...] | None = None
    version: str = ""
    is_prerelease: bool = False


@dataclass(frozen=True)
class RuleNote:
    """The result of a rule: its tag, or "" and why there is none. is_warning: probably not intended."""

    line: int
    text: str
    tag: str
    why: str
    is_warning: bool = False


@dataclass(frozen=True)
class Rendering:
    """The tags: main, the others without duplicates, latest. main is "" if there are none."""

    tags: tuple[RuleTag, ...]
    main: str
    latest: bool
    notes: tuple[RuleNote, ...]


def render_rules(
    rules: Sequence[TagRule], flavor: Flavor, facts: RuleFacts, *, as_peer: bool = False
) -> Rendering:
    """Renders the tags of a run, from rules in the order of parse_rules.

    Raises RuleMistakes for each `enable` that is neither true nor false, and version too long for a tag.
    """
    renderer = _Renderer(flavor, facts, as_peer)
    for rule in rules:
        renderer.add(rule)
    if renderer.problems:
        raise RuleMistakes(renderer.problems)
    return renderer.rendering()


class _Renderer:
    def __init__(self, flavor: Flavor, facts: RuleFacts, as_peer: bool) -> None:
        self.flavor = flavor
        self.facts = facts
        self.as_peer = as_peer
        self.render = Render(global_functions(facts), escape=as_peer)
        self.tags: dict[str, RuleTag] = {}
        self.notes: list[RuleNote] = []
        self.problems: list[str] = []
        self.latest: bool | None = None

    def add(self, rule: TagRule) -> None:
        enabled = self.render(rule.enable)
        if enabled not in ("true", "false"):
            self._problem(rule, f"enable={rule.enable.text} is {enabled!r}, but must be true or false")
        elif enabled == "false":
            self._note(rule, "", "enable is false")
        else:
            value = value_of(rule, self.facts, self.render)
            if isinstance(value, Nothing):
                self._note(rule, "", value.why, is_warning=value.is_warning)
            else:
                self._give(rule, value)

    def _give(self, rule: TagRule, value: Value) -> None:
        prefix = self.render(self.flavor.prefix if rule.prefix is None else rule.prefix)
        suffix = self.render(self.flavor.suffix if rule.suffix is None else rule.suffix)
        text = f"{prefix}{value.text}{suffix}"
        if not text:
            self._note(rule, "", f"{value.why} is empty")
            return
        name = names.sanitized(text)
        is_fine = names.is_fine(name)
        if value.version and names.is_cut(name):
            what = (
                f"has {len(name)} characters; a tag has at most {names.LONGEST_TAG}, and versions are not cut"
            )
            self._problem(rule, f"{shortened(name)} {what}")
            return
        why = [value.why, *(f"{text}: a format without quotes is ignored" for text in _unquoted(rule))]
        is_warning = value.is_warning or not is_fine or len(why) > 1
        if not is_fine:
            why.append(f"changed, since {shortened(name)!r} is not a valid tag")
            name = names.repaired(text)
        if self.latest is None:
            self._decide_latest(value, why)
        if given := self.tags.get(name):
            why.append(f"{_named(given.rule)} already gives it")
        else:
            self.tags[name] = RuleTag(
                name,
                rule,
                prefix=names.sanitized(prefix),
                suffix=names.sanitized(suffix),
                numbers=value.numbers,
                version=value.version,
                is_prerelease=value.is_prerelease,
            )
        self._note(rule, name, "; ".join(why), is_warning=is_warning)

    def _decide_latest(self, value: Value, why: list[str]) -> None:
        """Decides about latest by the first tag, as the action does."""
        if self.flavor.latest != "auto":
            self.latest = self.flavor.latest == "true"
            return
        self.latest = value.earns_latest and (self.as_peer or not value.taken_up)
        if value.earns_latest and not self.latest:
            why.append(f"no latest, since {value.taken_up} is a pre-release")

    def _latest_tag(self) -> RuleTag:
        prefix = self._on_latest(self.flavor.prefix) if self.flavor.prefix_on_latest else ""
        suffix = self._on_latest(self.flavor.suffix) if self.flavor.suffix_on_latest else ""
        text = f"{prefix}latest{suffix}"
        name = names.sanitized(text)
        name = name if names.is_fine(name) else names.repaired(text)
        return RuleTag(name, None, names.sanitized(prefix), names.sanitized(suffix), ())

    def _on_latest(self, affix: Template) -> str:
        return affix.text if self.as_peer else self.render(affix)

    def rendering(self) -> Rendering:
        main = next(iter(self.tags), "")
        if self.latest:
            latest = self._latest_tag()
            given = self.tags.get(latest.name)  # `type=raw,value=latest` may be combined with latest=true
            self.tags[latest.name] = replace(given, numbers=()) if given else latest
        return Rendering(tuple(self.tags.values()), main, bool(self.latest), tuple(self.notes))

    def _note(self, rule: TagRule, tag: str, why: str, *, is_warning: bool = False) -> None:
        whole = "; ".join((why, *rule.doubts))
        self.notes.append(RuleNote(rule.line, rule.text, tag, whole, is_warning or bool(rule.doubts)))

    def _problem(self, rule: TagRule, why: str) -> None:
        self.problems.append(f"{_named(rule)}: {shortened(rule.text)}: {why}")


def _named(rule: TagRule | None) -> str:
    return f"line {rule.line}" if rule and rule.line else "a default rule"


def _unquoted(rule: TagRule) -> list[str]:
    """Returns expressions like `{{date YYYYMMDD}}`: to Handlebars a word without quotes is a name."""
    templates = (rule.pattern, rule.value, rule.prefix, rule.suffix)
    return [
        expression.text
        for template in templates
        for expression in (template.expressions if template else ())
        if None in expression.arguments
    ]
