"""TagRule and facts -> its value without prefix and suffix, or why there is none. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.tags.metadata_action.facts import RuleFacts
from ecr_push.tags.metadata_action.mistakes import shortened
from ecr_push.tags.metadata_action.tag_rule import TagRule
from ecr_push.tags.metadata_action.template import Expression, Function, Template, parse_template
from ecr_push.tags.metadata_action.versions import ReadVersion, is_prerelease, read_pep440, read_semver


@dataclass(frozen=True)
class Value:
    """The value of a rule.

    earns_latest: `latest=auto` gives latest.
    taken_up:     the pre-release that a rule which does not read versions has matched.
    """

    text: str
    why: str
    earns_latest: bool = False
    taken_up: str = ""
    version: str = ""
    numbers: tuple[int, ...] | None = None
    is_prerelease: bool = False
    is_warning: bool = False


@dataclass(frozen=True)
class Nothing:
    why: str
    is_warning: bool = False


class Render:
    """Renders templates with the global expressions, or with those of a pattern."""

    def __init__(self, functions: Mapping[str, Function], *, escape: bool) -> None:
        self._functions = functions
        self._escape = escape

    def __call__(self, template: Template, functions: Mapping[str, Function] | None = None) -> str:
        return template.render(self._functions if functions is None else functions, escape=self._escape)


def value_of(rule: TagRule, facts: RuleFacts, render: Render) -> Value | Nothing:
    return _OF_TYPE[rule.type](rule, facts, render)


def _schedule(rule: TagRule, facts: RuleFacts, render: Render) -> Value | Nothing:
    if "schedule" not in facts.event:
        return Nothing(f"the event is {facts.event or 'unknown'}, not schedule")
    return Value(render(rule.pattern), "the run is scheduled")


def _edge(rule: TagRule, facts: RuleFacts, render: Render) -> Value | Nothing:
    if not facts.branch:
        return _wrong_ref(facts, "a branch")
    branch = rule.branch or facts.default_branch
    if not branch:
        return Nothing("the default branch is not known; name it: type=edge,branch=main", is_warning=True)
    if facts.branch != branch:
        return Nothing(f"the branch is {facts.branch}, not {branch}")
    return Value("edge", f"the branch is {branch}")


def _ref(rule: TagRule, facts: RuleFacts, render: Render) -> Value | Nothing:
    if rule.event == "branch":
        return Value(facts.branch, "the branch") if facts.branch else _wrong_ref(facts, "a branch")
    if rule.event == "pr":
        given = facts.pull_request
        return Value(given, "the pull request") if given else _wrong_ref(facts, "a pull request")
    if not facts.tag:
        return _wrong_ref(facts, "a tag")
    return Value(
        facts.tag, "the git tag", earns_latest=True, taken_up=facts.tag if is_prerelease(facts.tag) else ""
    )


def _raw(rule: TagRule, facts: RuleFacts, render: Render) -> Value | Nothing:
    return Value(render(rule.value), "the value")


def _sha(rule: TagRule, facts: RuleFacts, render: Render) -> Value | Nothing:
    if not facts.sha:
        return Nothing("the commit is not known", is_warning=True)
    return Value(facts.sha, "the commit") if rule.long else Value(facts.short_sha, "the commit, short")


def _match(rule: TagRule, facts: RuleFacts, render: Render) -> Value | Nothing:
    if not rule.value.text and not facts.version_tag:
        return _no_version(facts)
    given = render(rule.value) if rule.value.text else facts.version_tag
    groups = rule.find(given)
    if groups is None:
        return Nothing(f"{_searched(rule)} does not match {shortened(given)}", is_warning=True)
    found = groups[rule.group] if rule.group < len(groups) else None
    if found is None:
        return Nothing(f"{_searched(rule)} has no group {rule.group} in {shortened(given)}", is_warning=True)
    taken_up = next((one for one in (given, found) if is_prerelease(one)), "")
    return Value(found, f"matched in {shortened(given)}", earns_latest=True, taken_up=taken_up)


def _version(rule: TagRule, facts: RuleFacts, render: Render) -> Value | Nothing:
    """Reads semver and pep440. If `match` does not match, the whole text is read, as in the action."""
    if not rule.value.text and not facts.version_tag:
        return _no_version(facts)
    given = render(rule.value) if rule.value.text else facts.version_tag
    unmatched = ""
    if groups := rule.find(given):
        if groups[1] is None:
            return Nothing(
                f"group 1 of {_searched(rule)} takes no part in {shortened(given)}", is_warning=True
            )
        given = groups[1]
    elif rule.search:
        unmatched = f"{_searched(rule)} does not match {shortened(given)}"
    given = given.replace("/", "-")
    version = read_semver(given) if rule.type == "semver" else read_pep440(given)
    if not version:
        standard = "not a semantic version" if rule.type == "semver" else "not a PEP 440 version"
        what = f"{unmatched}, and it is" if unmatched else f"{shortened(given)!r} is"
        return Nothing(f"{what} {standard}", is_warning=True)
    why = f"{version.version} is read from the {_read_from(rule, facts)}"
    if unmatched:
        why = f"{unmatched}, so {why}"
    if not version.is_whole_only:
        text, numbers = render(rule.pattern, version.functions), _line(rule.pattern, version)
    else:
        text, numbers = _whole(rule, version, render), None
        if rule.pattern.lone not in ("raw", "version"):
            why += f"; {rule.pattern.text} applies only to releases"
    return Value(
        text,
        why,
        earns_latest=not version.is_whole_only,
        version=version.version,
        numbers=numbers,
        is_prerelease=version.is_prerelease,
        is_warning=bool(unmatched),
    )


def _whole(rule: TagRule, version: ReadVersion, render: Render) -> str:
    """Renders a pre-release as a whole, whatever the pattern; the action escapes it only for semver."""
    if rule.type == "semver":
        template = rule.pattern if rule.pattern.lone == "raw" else _VERSION
        return render(template, version.functions)
    return version.raw if rule.pattern.lone == "raw" else version.rendered


def _line(pattern: Template, version: ReadVersion) -> tuple[int, ...] | None:
    """Returns the numbers in a pattern, if they are the first of the version's numbers and not all."""
    shown = tuple(part.name for part in pattern.parts if isinstance(part, Expression))
    if not shown or len(shown) >= len(version.release) or shown != ("major", "minor", "patch")[: len(shown)]:
        return None
    return version.release[: len(shown)]


_VERSION = parse_template("{{version}}")


def _searched(rule: TagRule) -> str:
    return shortened(rule.search.text) if rule.search else "nothing"


def _read_from(rule: TagRule, facts: RuleFacts) -> str:
    if rule.value.text:
        return "value"
    return "version to release" if facts.released else "git tag"


def _no_version(facts: RuleFacts) -> Nothing:
    why = _wrong_ref(facts, "a tag").why
    return Nothing(f"{why}, and the version {facts.version} is not released" if facts.version else why)


def _wrong_ref(facts: RuleFacts, wanted: str) -> Nothing:
    return Nothing(f"the ref is {facts.ref}, not {wanted}")


_OF_TYPE: Mapping[str, Callable[[TagRule, RuleFacts, Render], Value | Nothing]] = {
    "schedule": _schedule,
    "semver": _version,
    "pep440": _version,
    "match": _match,
    "edge": _edge,
    "ref": _ref,
    "raw": _raw,
    "sha": _sha,
}
