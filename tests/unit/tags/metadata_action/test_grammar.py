"""Lines -> Rules: every attribute with its default, and every mistake with its line."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.tags.metadata_action.grammar import DEFAULT_RULES, TYPES, parse_rules
from ecr_push.tags.metadata_action.mistakes import RuleMistakes
from ecr_push.tags.metadata_action.tag_rule import TagRule


def one(text: str) -> TagRule:
    (rule,) = parse_rules(text)
    return rule


DEFAULTS = [
    ("type=schedule", {"priority": 1000, "pattern": "nightly"}),
    ("type=semver,pattern={{version}}", {"priority": 900, "pattern": "{{version}}", "value": "", "group": 0}),
    ("type=pep440,pattern={{major}},match=v(.*)", {"priority": 900, "group": 1, "search": "v(.*)"}),
    ("type=match,pattern=v(.*)", {"priority": 800, "search": "v(.*)", "group": 0, "value": ""}),
    ("type=match,pattern=v(.*),group=1,value=v1", {"group": 1, "value": "v1"}),
    ("type=edge", {"priority": 700, "branch": ""}),
    ("type=edge,branch=dev", {"branch": "dev"}),
    ("type=ref,event=branch", {"priority": 600, "event": "branch", "prefix": None, "suffix": None}),
    ("type=ref,event=tag", {"event": "tag", "prefix": None}),
    ("type=ref,event=pr", {"event": "pr", "prefix": "pr-"}),
    ("type=ref,event=pr,prefix=", {"prefix": ""}),
    ("type=raw,value=a", {"priority": 200, "value": "a", "enable": "true"}),
    ("type=raw,a", {"value": "a"}),
    ("a", {"type": "raw", "value": "a"}),
    ("prefix=x,a", {"type": "raw", "value": "a", "prefix": "x"}),
    ("type=sha", {"priority": 100, "prefix": "sha-", "long": False}),
    ("type=sha,format=long,prefix=,suffix=-x", {"long": True, "prefix": "", "suffix": "-x"}),
    ("type=sha,enable=false", {"enable": "false"}),
    ("type=sha,enable={{is_default_branch}}", {"enable": "{{is_default_branch}}"}),
    ("TYPE=sha,Priority=7", {"type": "sha", "priority": 7}),
    ("type=sha,priority=1.5e2", {"priority": 150}),
    ("type=sha,priority=", {"priority": 0}),
    ("type=sha,", {"type": "sha"}),
    ("type=raw,value=", {"value": ""}),
]


@pytest.mark.parametrize(("text", "expected"), DEFAULTS)
def test_attributes(text: str, expected: dict[str, object]) -> None:
    rule = one(text)
    shown = {name: getattr(rule, name) for name in expected}
    assert {name: getattr(value, "text", value) for name, value in shown.items()} == expected


def test_a_rule_knows_its_line_and_its_text_and_cannot_be_changed() -> None:
    rule = one("# first\r\n\r\n   \n  type=sha  \n#last")
    assert (rule.line, rule.text) == (4, "type=sha")
    with pytest.raises(FrozenInstanceError):
        rule.line = 1  # type: ignore[misc]


def test_an_indented_comment_is_a_comment() -> None:
    assert one("  # one\n  type=sha\n  # two").line == 2


@pytest.mark.parametrize("text", ["", "\n \n", "# nothing\n\n#", '""'])
def test_no_rules_are_the_default_rules(text: str) -> None:
    rules = parse_rules(text)
    assert [rule.text for rule in rules] == DEFAULT_RULES.splitlines()
    assert {rule.line for rule in rules} == {0}


def test_rules_come_by_priority_and_equal_ones_keep_their_order() -> None:
    text = "c\ntype=sha\na\ntype=ref,event=tag\ntype=sha,priority=600\nb,priority=1e4\nd,priority=-1"
    assert [rule.line for rule in parse_rules(text)] == [6, 4, 5, 1, 3, 2, 7]


# line, what the one problem says
MISTAKES = [
    (
        "type=semvr,pattern={{version}}",
        (
            "type=semvr: there is no type 'semvr'; "
            "expected one of schedule, semver, pep440, match, edge, ref, raw, sha; did you mean 'semver'?"
        ),
    ),
    ("type=Sha", "there is no type 'Sha'; expected one of"),
    ("type=", "there is no type ''"),
    ("type=sha,fromat=long", "fromat=long: type=sha has no attribute 'fromat'; expected one of type, format"),
    ("type=sha,fromat=long", "did you mean 'format'?"),
    ("type=ref,event=branch,branch=main", "type=ref has no attribute 'branch'"),
    ("type=sha, =b", "=b: type=sha takes no value"),
    ("type=semver", "type=semver needs pattern="),
    ("type=pep440,value=1.0", "type=pep440 needs pattern="),
    ("type=match", "type=match needs pattern="),
    ("type=ref", "type=ref needs event= (branch or tag or pr)"),
    ("type=raw", "type=raw needs value="),
    ("enable=true", "type=raw needs value="),
    ("type=ref,event=push", "event=push: there is no event 'push'; expected one of branch, tag, pr"),
    ("type=ref,event=PR", "did you mean 'pr'?"),
    ("type=sha,format=medium", "format=medium: there is no format 'medium'; expected one of short, long"),
    ("type=sha,format=", "there is no format ''"),
    ("type=sha,priority=high", "priority=high: priority must be a number, such as 900"),
    ("type=sha,priority=١", "priority must be a number"),
    ("type=match,pattern=a,group=one", "group=one: group must be the number of a group"),
    ("type=match,pattern=a,group=-1", "group must be the number of a group"),
    ("type=match,pattern=a,group=", "group must be the number of a group"),
    (
        "type=raw,value=a,b",
        "b: it is a second value in addition to value=; put a value with a comma in quotes",
    ),
    ("type=raw,a,b", "a,b: a field without attribute= is the value, and a rule has one"),
    ("type=raw,value=a,", "one comma too many"),
    ("type=sha,foo", "foo: type=sha takes no value"),
    (r"type=match,pattern=\d{1,3}", r"pattern=\d{1,3}: the comma splits it; put it in quotes"),
    (
        "type=sha,enable=True",
        "enable must be true, false, or an expression ({{is_default_branch}}), not 'True'",
    ),
    ("type=sha,enable=TRUE", "did you mean 'true'?"),
    ("type=sha,enable=", "not ''"),
    ("type=sha,enable=1", "not '1'"),
    (
        "type=raw,value={{brnch}}",
        "{{brnch}}: there is no expression 'brnch' here; expected one of branch, tag,",
    ),
    ("type=raw,value={{brnch}}", "did you mean 'branch'?"),
    ("type=raw,value={{this.branch}}", "there is no expression 'this.branch' here"),
    ("type=raw,value={{major}}", "there is no expression 'major' here"),
    (
        "type=schedule,pattern={{branch}}",
        "there is no expression 'branch' here; expected one of date, commit_date",
    ),
    (
        "type=semver,pattern={{date 'YYYY'}}",
        "there is no expression 'date' here; expected one of raw, version",
    ),
    ("type=pep440,pattern={{build}}", "there is no expression 'build' here"),
    ("type=raw,value={{branch 'x'}}", "{{branch 'x'}}: branch takes no arguments"),
    ("type=raw,value={{tag tz='UTC'}}", "tag takes no arguments"),
    ("type=raw,value={{date 'a' 'b'}}", "date takes one format; write it in quotes"),
    ("type=raw,value={{date YYYY MM}}", "date takes one format; write it in quotes"),
    ("type=raw,value={{date 'a' zone='UTC'}}", "date takes tz=, not zone="),
    ("type=raw,value={{date 'a' tz='Europe/Berln'}}", "there is no time zone 'Europe/Berln'"),
    ("type=raw,value={{date 'a' tz='Europe/Berln'}}", "did you mean 'Europe/Berlin'?"),
    (
        "type=sha,prefix={{#if branch}}x{{/if}}",
        "prefix={{#if branch}}x{{/if}}: {{#if branch}}: a block is not",
    ),
    ("type=sha,suffix={{branch", "suffix={{branch: {{branch: it is not closed by }}"),
    (
        "type=raw,value=${{ github.sha }}",
        "${{ … }} is expanded only in a GitHub workflow file",
    ),
    (
        "type=match,pattern=v(.*",
        "pattern=v(.*: not a valid regular expression: a ( is not closed",
    ),
    ("type=match,pattern=/v/x", "there is no flag 'x'"),
    ("type=match,pattern=(?<=v.*)x", "(?<=…) and (?<!…) of varying length are not supported"),
    (
        "type=match,pattern=((a)|b)+,group=2",
        "group 2 is repeated so that JavaScript and Python fill it differently",
    ),
    ("type=semver,pattern={{version}},match=v(", "match=v(: not a valid regular expression"),
    ("type=semver,pattern={{version}},match=v.*", "match=v.*: it needs a group"),
    ('type=raw,"value=a', 'a quote (") is not closed'),
]


@pytest.mark.parametrize(("text", "why"), MISTAKES)
def test_a_mistake_is_reported_with_its_line(text: str, why: str) -> None:
    with pytest.raises(RuleMistakes, match=re.escape(why)) as caught:
        parse_rules(f"# a comment\n\n{text}\ntype=edge")
    assert all(problem.startswith("line 3: ") for problem in caught.value.problems)


def test_all_mistakes_are_reported_at_once() -> None:
    text = "type=semvr,priority=x\n\ntype=sha,foo=1,bar=2,enable=no\ntype=ref,prefix={{x}},suffix={{y}}"
    with pytest.raises(RuleMistakes) as caught:
        parse_rules(text)
    lines = [problem.split(":")[0] for problem in caught.value.problems]
    assert lines == ["line 1"] * 2 + ["line 3"] * 3 + ["line 4"] * 3
    assert isinstance(caught.value, ValueError)
    assert str(caught.value) == "\n".join(caught.value.problems)


ACCEPTED = [
    "type=match,pattern=(a*)*,group=0",
    "type=match,pattern=/((a)|b)+/g,group=2",
    "type=match,pattern=v(.*),group=9",
    "type=match,pattern=",
    "type=semver,pattern=,match=",
    "type=raw,value={{date YYYY}}",
    "type=raw,value={{date}}",
    "type=raw,value={{date '' tz=''}}",
    "type=semver,pattern={{version}}-{{prerelease}}-{{build}}",
    "type=schedule,",
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_the_action_takes_is_taken(text: str) -> None:
    assert one(text).line == 1


def test_every_type_takes_the_common_attributes() -> None:
    required = {
        "semver": "pattern=x",
        "pep440": "pattern=x",
        "match": "pattern=x",
        "ref": "event=tag",
        "raw": "x",
    }
    for name in TYPES:
        rule = one(f"type={name},{required.get(name, '')},enable=false,priority=5,prefix=p,suffix=s")
        assert (rule.type, rule.enable.text, rule.priority) == (name, "false", 5)
        assert rule.prefix and rule.suffix and (rule.prefix.text, rule.suffix.text) == ("p", "s")


WORDS = st.sampled_from(
    ["type=", "raw", "semver", "value=", "pattern=", "{{", "}}", "date", "'", '"', ",", "\n", "é"]
)


@given(st.lists(WORDS | st.text(max_size=4), max_size=12).map("".join))
def test_any_text_is_rules_or_mistakes(text: str) -> None:
    try:
        rules = parse_rules(text)
    except RuleMistakes as error:
        assert error.problems and all(re.match(r"line \d+: ", problem) for problem in error.problems)
        assert not any("\n" in problem for problem in error.problems)
    else:
        assert rules


WHOLE = "is not a valid image tag: it is an image's whole name"


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:5000/app:latest,suffix=-x",
        "127.0.0.1:5000/app:latest,edge",
        "type=raw,value=team/app:latest",
        "type=raw,value=public.ecr.aws/acme/app:{{branch}}",
        "type=raw,value=123456789012.dkr.ecr.eu-west-1.amazonaws.com/app",
        "type=semver,pattern={{version}},value=app:1.4.2",
        "type=ref,event=branch,prefix=team/app:",
        "type=sha,suffix=:latest",
    ],
)
def test_an_images_whole_name_is_not_made_a_tag(text: str) -> None:
    """The action would push `127.0.0.1-5000-app-latest`."""
    with pytest.raises(RuleMistakes, match=WHOLE):
        parse_rules(text)


def test_a_line_of_images_has_a_rule_for_each_of_their_tags() -> None:
    """docker/build-push-action's `tags`, which are often docker/metadata-action's output."""
    rules = parse_rules("127.0.0.1:5000/app:latest\nteam/app:1.4, team/app:1\ntype=sha")
    assert [(one.line, one.image, one.value.text) for one in rules] == [
        (1, "127.0.0.1:5000/app", "latest"),
        (2, "team/app", "1.4"),
        (2, "team/app", "1"),
        (3, "", ""),
    ]


@pytest.mark.parametrize(
    "text", ["feature/login", "12:30", "v1.4/x", "type=raw,value={{branch}}/x", "a,prefix=b/"]
)
def test_a_value_with_a_slash_or_a_colon_stays_one(text: str) -> None:
    assert parse_rules(text)
