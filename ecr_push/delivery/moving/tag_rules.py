"""A tag as a CI's file puts it together -> rules of --tags that give the same one. Pure.

Rules, because --tag only adds to the computed tags. What the run knows is said in the rules' own language
where that gives the same text, else by what the CI itself writes for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.values import Fact, FactKind, Value

# How a value of the CI's own file writes a fact, as `${{ github.run_number }}`; None where it cannot.
Words = Callable[[Fact], "str | None"]
_SHORT = "7"  # digits of a commit in the rules, without --short-sha-length
_EVENTS = {
    FactKind.BRANCH: ("branch",),
    FactKind.GIT_TAG: ("tag",),
    FactKind.REF: ("branch", "tag"),
    FactKind.PULL_REQUEST: ("pr",),
}
# What `date` of the shell writes, and moment.js for the same.
_DATES = {
    "%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD", "%H": "HH", "%M": "mm", "%S": "ss", "%j": "DDDD",
    "%s": "X", "%F": "YYYY-MM-DD", "%T": "HH:mm:ss", "%%": "%", "%b": "MMM",
}  # fmt: skip


def rules_of(tag: Value, words: Words, *, has_commit: bool = False) -> tuple[str, ...]:
    """The rules that give the tag; () where a part of it is known to neither the rules nor the CI's words.

    A rule of a ref that the run is not for, such as a git tag's on a branch, gives none there. The commit is
    written in the CI's words where it has any: type=sha is a pull request's own commit, not its merge.

    has_commit: whether both are the same. Then the tag is the commit's own, which stays with its image. One
    that may move keeps the candidate's tag on it.
    """
    if not tag.parts:
        return ()
    facts = tag.facts
    is_whole = len(facts) == 1 and facts[0].kind is FactKind.SHA and not facts[0].detail
    if len(facts) == 1 and (has_commit or not (is_whole and words(facts[0]))):
        at = tag.parts.index(facts[0])
        before, after = ("".join(map(str, part)) for part in (tag.parts[:at], tag.parts[at + 1 :]))
        if ruled := _typed(facts[0], before, after):
            return ruled
    shown = [one if isinstance(one, str) else _in_a_value(one, words) for one in tag.parts]
    return () if None in shown else (f"type=raw,value={''.join(map(str, shown))}",)


def _typed(fact: Fact, before: str, after: str) -> tuple[str, ...]:
    """The rules of the type that a fact has, between two texts; () where it has none."""
    suffix = f",suffix={after}" if after else ""
    if fact.kind is FactKind.SHA and fact.detail in ("", _SHORT):
        form = "" if fact.detail else ",format=long"
        return (f"type=sha{form},prefix={before}{suffix}",)
    if fact.kind is FactKind.GIT_TAG and fact.detail:
        prefix = f",prefix={before}" if before else ""
        return (f"type=match,pattern=^{_escaped(fact.detail)}(.*)$,group=1{prefix}{suffix}",)
    prefix = f",prefix={before}" if before or fact.kind is FactKind.PULL_REQUEST else ""
    rules = tuple(f"type=ref,event={event}{prefix}{suffix}" for event in _EVENTS.get(fact.kind, ()))
    if fact.kind is FactKind.REF and fact.detail:  # and of a pull request a name that begins so
        rules += (f"type=ref,event=pr,prefix={before}{fact.detail}{suffix}",)
    return rules


def _in_a_value(fact: Fact, words: Words) -> str | None:
    if fact.kind is FactKind.DATE:
        form = moment_format(fact.detail)
        return None if form is None else f"{{{{date '{form}'}}}}"
    if fact.kind is FactKind.SHA and fact.detail == _SHORT:
        return "{{sha}}"
    if fact.kind is FactKind.BRANCH or (fact.kind is FactKind.GIT_TAG and not fact.detail):
        return f"{{{{{fact.kind.value}}}}}"
    return words(fact)


_MOVES = lazy_regex(
    r"type=(?:ref,event=(?:branch|pr)\b.*|edge.*|schedule.*|raw,value=[A-Za-z-]*"
    r"(?:\$\{\{ github\.(?:sha|run_number|run_id|ref_name) \}\}|\{\{(?:date [^}]*|branch|sha)\}\}"
    r"|\$\{(?:[A-Z_]*(?:SHA1?|COMMIT|BUILD_NUMBER|BUILD_NUM|SOURCE_VERSION|IID))\})?(?:,enable=.*)?)"
)
KEEPS_CANDIDATE = (
    "all tags of an image can move, so it keeps its candidate's tag, and a lifecycle rule on candidate-* "
    "would expire what runs: add the rule type=sha, whose tag never moves"
)


def may_all_move(rules: Iterable[str]) -> bool:
    """Whether none of the rules gives a tag that stays with its image, as a commit's and a version's do."""
    lines = [line.strip() for rule in rules for line in rule.splitlines() if line.strip()]
    return bool(lines) and all(map(_MOVES.fullmatch, lines))


def moment_format(form: str) -> str | None:
    """`+%Y%m%d` of `date` -> `YYYYMMDD` of moment.js; None for what that cannot say."""
    found, at = "", 0
    text = form.removeprefix("+")
    while at < len(text):
        if text[at] == "%":
            known = _DATES.get(text[at : at + 2])
            if known is None:
                return None
            found, at = found + known, at + 2
        else:
            found, at = found + (f"[{text[at]}]" if text[at].isalpha() else text[at]), at + 1
    return found


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in ".^$*+?()[]{}|\\/" else one for one in text)
