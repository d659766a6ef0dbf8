"""What a rendering tells beside the names: lines of versions, affixes, latest, changed names, and why."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.reference import Tag
from ecr_push.tags.metadata_action.flavor import parse_flavor
from ecr_push.tags.metadata_action.grammar import parse_rules
from ecr_push.tags.metadata_action.mistakes import RuleMistakes
from ecr_push.tags.metadata_action.render import Rendering, RuleFacts, RuleNote, RuleTag, render_rules

NOW = datetime(2020, 1, 10, 0, 30, tzinfo=timezone.utc)
SHA = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c"


def facts(**given: str) -> RuleFacts:
    return RuleFacts(NOW, NOW, **{"sha": SHA, "default_branch": "main", "event": "push", **given})


def render(rules: str, flavor: str = "", *, as_peer: bool = False, **given: str) -> Rendering:
    return render_rules(parse_rules(rules), parse_flavor(flavor), facts(**given), as_peer=as_peer)


def tag(rules: str, flavor: str = "", **given: str) -> RuleTag:
    return render(rules, flavor, **given).tags[0]


def note(rules: str, flavor: str = "", **given: str) -> RuleNote:
    return render(rules, flavor, **given).notes[-1]


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


# type, pattern, git tag, the line of versions
LINES = [
    ("semver", "{{major}}", "v1.4.2", (1,)),
    ("semver", "{{major}}.{{minor}}", "v1.4.2", (1, 4)),
    ("semver", "v{{major}}", "v1.4.2", (1,)),
    ("semver", "release-{{major}}-{{minor}}-x", "v1.4.2", (1, 4)),
    ("semver", "{{major}}{{! of all }}", "v1.4.2", (1,)),
    ("semver", "{{major}}.{{minor}}.{{patch}}", "v1.4.2", None),
    ("semver", "{{version}}", "v1.4.2", None),
    ("semver", "{{raw}}", "v1.4.2", None),
    ("semver", "{{minor}}", "v1.4.2", None),
    ("semver", "{{major}}.{{patch}}", "v1.4.2", None),
    ("semver", "{{minor}}.{{major}}", "v1.4.2", None),
    ("semver", "stable", "v1.4.2", None),
    ("semver", "{{major}}", "v1.4.2-rc.1", None),
    ("pep440", "{{major}}", "1.4.2", (1,)),
    ("pep440", "{{major}}.{{minor}}", "1.4", None),
    ("pep440", "{{major}}", "1", None),
    ("pep440", "{{major}}.{{minor}}", "1", None),
    ("pep440", "{{major}}.{{minor}}.{{patch}}", "1.2.3.4", (1, 2, 3)),
    ("pep440", "{{major}}", "1.4.2.post1", None),
]


@pytest.mark.parametrize(("kind", "pattern", "git_tag", "numbers"), LINES)
def test_a_pattern_that_shows_less_than_the_version_is_a_line(
    kind: str, pattern: str, git_tag: str, numbers: tuple[int, ...] | None
) -> None:
    assert tag(f"type={kind},pattern={pattern}", tag=git_tag).numbers == numbers


def test_latest_is_the_line_of_all_versions_and_has_no_rule() -> None:
    latest = render("type=semver,pattern={{version}}", tag="v1.4.2").tags[-1]
    assert latest == RuleTag("latest", None, numbers=())


def test_a_rule_that_gives_latest_meets_the_flavors_latest_in_one_tag() -> None:
    tags = render("type=raw,value=latest\nx", "latest=true", branch="main").tags
    assert [(one.name, one.numbers) for one in tags] == [("latest", ()), ("x", None)]
    assert tags[0].rule and tags[0].rule.line == 1


# rules, git tag, (version, is it a pre-release)
VERSIONS = [
    ("type=semver,pattern={{major}}", "v1.4.2", ("1.4.2", False)),
    ("type=semver,pattern={{major}}", "v1.4.2-rc.1+x", ("1.4.2-rc.1", True)),
    ("type=pep440,pattern={{raw}}", "v1.0-RC1", ("1.0rc1", True)),
    ("type=pep440,pattern={{raw}}", "1.0+Local.1", ("1.0+local.1", False)),
    ("type=pep440,pattern={{raw}}", "1.0-1", ("1.0.post1", False)),
    ("type=ref,event=tag", "v1.4.2-rc.1", ("", False)),
    ("type=match,pattern=v(.*),group=1", "v1.4.2", ("", False)),
]


@pytest.mark.parametrize(("rules", "git_tag", "expected"), VERSIONS)
def test_the_version_that_a_rule_read(rules: str, git_tag: str, expected: tuple[str, bool]) -> None:
    found = tag(rules, tag=git_tag)
    assert (found.version, found.is_prerelease) == expected


def test_affixes_are_reported_as_they_are_in_the_tag() -> None:
    found = tag("type=raw,value=x", "prefix={{branch}}/,onlatest=true\nsuffix=#1", branch="a/b")
    assert (found.name, found.prefix, found.suffix) == ("a-b-x-1", "a-b-", "-1")


def test_a_rules_own_affix_takes_the_flavors_place_even_when_empty() -> None:
    found = render("type=sha,prefix=,suffix=-s\ntype=sha", "prefix=p-\nsuffix=-f", branch="main")
    assert [(one.name, one.prefix, one.suffix) for one in found.tags] == [
        ("0f1e2d3-s", "", "-s"),
        ("sha-0f1e2d3-f", "sha-", "-f"),
    ]


def test_each_tag_names_the_first_rule_that_gave_it() -> None:
    found = render("a\nb\na", branch="main")
    assert [(one.name, one.rule and one.rule.line) for one in found.tags] == [("a", 1), ("b", 2)]
    assert found.notes[2] == RuleNote(3, "a", "a", "the value; line 1 already gives it")


# rules, flavor, git tag, latest
LATEST = [
    ("type=ref,event=tag", "", "v1.0.0", True),
    ("type=ref,event=tag", "", "nightly", True),
    ("type=ref,event=tag", "", "v1.0.0-rc.1", False),
    ("type=ref,event=tag", "", "1.0rc1", False),
    ("type=ref,event=tag", "", "1.0.post1", True),
    ("type=ref,event=tag", "latest=true", "v1.0.0-rc.1", True),
    ("type=match,pattern=v(.*),group=1", "", "v1.0.0", True),
    ("type=match,pattern=v(\\d),group=1", "", "v1.0.0-rc.1", False),
    ("type=match,pattern=v(.*),group=1", "", "tools/v1.0.0-rc.1", False),
    ("type=match,pattern=.*,value=v1.0.0", "", "v1.0.0-rc.1", True),
    ("type=semver,pattern={{major}}", "", "v1.0.0-rc.1", False),
    ("type=pep440,pattern={{major}}", "", "1.0.post1", False),
    ("type=raw,value=x,priority=5000\ntype=ref,event=tag", "", "v1.0.0", False),
    ("type=raw,value=,priority=5000\ntype=ref,event=tag", "", "v1.0.0", True),
    ("type=raw,value=x,priority=5000,enable=false\ntype=ref,event=tag", "", "v1.0.0", True),
]


@pytest.mark.parametrize(("rules", "flavor", "git_tag", "latest"), LATEST)
def test_the_first_tag_decides_about_latest(rules: str, flavor: str, git_tag: str, latest: bool) -> None:
    rendering = render(rules, flavor, tag=git_tag)
    assert rendering.latest is latest
    assert (rendering.tags[-1].name == "latest") is latest


def test_where_no_rule_gives_a_tag_latest_is_missing_too() -> None:
    assert render("type=edge", "latest=true", tag="v1.0.0") == Rendering(
        (), "", False, (RuleNote(1, "type=edge", "", "the ref is a tag, not a branch"),)
    )


def test_expressions_of_the_flavor_are_rendered_for_latest() -> None:
    flavor = "prefix={{branch}}-,onlatest=true\nlatest=true"
    assert render("a", flavor, branch="dev").tags[-1].name == "dev-latest"
    as_peer = render("a", flavor, as_peer=True, branch="dev").tags[-1].name
    assert as_peer == f"branch--latest-{hashed('{{branch}}-latest')}"


# value, name
CHANGED = [
    (".hidden", f"hidden-{hashed('.hidden')}"),
    ("--x", f"x-{hashed('--x')}"),
    ("é", f"tag-{hashed('é')}"),
    ("...", f"tag-{hashed('...')}"),
    ("$(rm -rf /)", f"rm--rf-{hashed('$(rm -rf /)')}"),
    ("a" * 129, f"{'a' * 119}-{hashed('a' * 129)}"),
    ("-" + "a" * 127, f"{'a' * 119}-{hashed('-' + 'a' * 127)}"),
    ("a" * 128, "a" * 128),
    ("_x", "_x"),
    ("x.-", "x.-"),
]


@pytest.mark.parametrize(("value", "name"), CHANGED)
@pytest.mark.parametrize("as_peer", [False, True])
def test_a_name_that_a_registry_refuses_is_changed(value: str, name: str, as_peer: bool) -> None:
    rendering = render(f"type=raw,value={value}", as_peer=as_peer, branch="main")
    assert [one.name for one in rendering.tags] == [name]
    is_changed = name != value
    assert rendering.notes[0].is_warning is is_changed
    assert ("changed, since" in rendering.notes[0].why) is is_changed


def test_two_texts_that_are_changed_stay_two() -> None:
    rendering = render("type=raw,value=.é\ntype=raw,value=.ü", branch="main")
    assert len({one.name for one in rendering.tags}) == 2


LONG = "1.2.3-" + "a" * 125


@pytest.mark.parametrize("as_peer", [False, True])
def test_a_version_is_never_cut(as_peer: bool) -> None:
    prefixed = f"type=pep440,pattern={{{{major}}}},value=1,prefix={'p' * 130}"
    rules = f"type=semver,pattern={{{{version}}}}\n{'x' * 200}\n{prefixed}"
    with pytest.raises(RuleMistakes) as caught:
        render(rules, as_peer=as_peer, tag=LONG)
    first, second = caught.value.problems
    assert first.startswith("line 1: type=semver,pattern={{version}}: 1.2.3-aaa")
    assert "has 131 characters; a tag has at most 128, and versions are not cut" in first
    assert second.startswith("line 3: type=pep440") and "has 131 characters" in second


def test_a_version_that_a_dash_leads_is_changed_where_nothing_is_cut() -> None:
    assert tag("type=semver,pattern={{version}},prefix=-", tag="v1.2.3").name == f"1.2.3-{hashed('-1.2.3')}"
    with pytest.raises(RuleMistakes, match="versions are not cut"):
        render("type=semver,pattern={{version}},prefix=-", tag="1.2.3-" + "a" * 116)


def test_all_values_of_enable_that_are_not_booleans_are_reported() -> None:
    rules = "a,enable={{branch}}\nb\nc,enable={{tag}}\nd,enable={{is_default_branch}}"
    with pytest.raises(RuleMistakes) as caught:
        render(rules, branch="dev")
    assert caught.value.problems == (
        "line 1: a,enable={{branch}}: enable={{branch}} is 'dev', but must be true or false",
        "line 3: c,enable={{tag}}: enable={{tag}} is '', but must be true or false",
    )
    assert [one.name for one in render("a,enable={{branch}}", branch="true").tags] == ["a"]


# rules, facts, tag, why, is it a warning
NOTES = [
    ("type=sha,enable=false", {"branch": "main"}, "", "enable is false", False),
    ("type=schedule", {"branch": "main"}, "", "the event is push, not schedule", False),
    ("type=schedule", {"branch": "main", "event": ""}, "", "the event is unknown, not schedule", False),
    ("type=ref,event=tag", {"branch": "main"}, "", "the ref is a branch, not a tag", False),
    ("type=ref,event=branch", {"pull_request": "3"}, "", "the ref is a pull request, not a branch", False),
    ("type=ref,event=pr", {}, "", "the ref is unknown, not a pull request", False),
    ("type=edge", {"branch": "dev"}, "", "the branch is dev, not main", False),
    (
        "type=edge",
        {"branch": "dev", "default_branch": ""},
        "",
        "the default branch is not known; name it",
        True,
    ),
    ("type=sha", {"sha": ""}, "", "the commit is not known", True),
    ("type=semver,pattern={{version}}", {"tag": "v1.x"}, "", "'v1.x' is not a semantic version", True),
    ("type=pep440,pattern={{version}}", {"tag": "v1.x"}, "", "'v1.x' is not a PEP 440 version", True),
    ("type=semver,pattern={{version}}", {"branch": "main"}, "", "the ref is a branch, not a tag", False),
    (
        "type=semver,pattern={{version}},match=x(.*)",
        {"tag": "y"},
        "",
        "x(.*) does not match y, and it is no",
        True,
    ),
    (
        "type=semver,pattern={{version}},match=x(.*)",
        {"tag": "1.2.3"},
        "1.2.3",
        "x(.*) does not match 1.2.3, so 1.2.3 is read from the git tag",
        True,
    ),
    (
        "type=semver,pattern={{version}},match=(x)|y",
        {"tag": "y"},
        "",
        "group 1 of (x)|y takes no part in y",
        True,
    ),
    ("type=semver,pattern={{version}},value=v1.0.0", {}, "1.0.0", "1.0.0 is read from the value", False),
    (
        "type=semver,pattern={{major}}",
        {"tag": "1.0.0-rc.1"},
        "1.0.0-rc.1",
        "1.0.0-rc.1 is read from the git tag; {{major}} applies only to releases",
        False,
    ),
    ("type=match,pattern=^x", {"tag": "v1"}, "", "^x does not match v1", True),
    ("type=match,pattern=v(.),group=2", {"tag": "v1"}, "", "v(.) has no group 2 in v1", True),
    ("type=match,pattern=v(.),group=1", {"tag": "v1"}, "1", "matched in v1", False),
    (
        "type=ref,event=tag",
        {"tag": "1.0rc1"},
        "1.0rc1",
        "the git tag; no latest, since 1.0rc1 is a pre-release",
        False,
    ),
    ("type=raw,value={{tag}}", {"branch": "main"}, "", "the value is empty", False),
    (
        "type=raw,value={{date YYYY}}",
        {},
        "2020-01-10T00-30-00Z",
        "the value; {{date YYYY}}: a format without quotes is ignored",
        True,
    ),
]


@pytest.mark.parametrize(("rules", "given", "name", "why", "is_warning"), NOTES)
def test_a_note_says_why(rules: str, given: dict[str, str], name: str, why: str, is_warning: bool) -> None:
    found = note(rules, **given)
    assert (found.line, found.text, found.tag, found.is_warning) == (1, rules, name, is_warning)
    assert found.why.startswith(why)


def test_notes_stand_in_the_order_of_the_rules() -> None:
    rendering = render("type=sha\n\na\ntype=edge", branch="main")
    assert [(one.line, one.tag) for one in rendering.notes] == [(4, "edge"), (3, "a"), (1, "sha-0f1e2d3")]


def test_a_default_rule_has_no_line() -> None:
    assert [one.line for one in render("", branch="main").notes] == [0, 0, 0, 0]


@pytest.mark.parametrize(("length", "expected"), [(7, SHA[:7]), (12, SHA[:12]), (99, SHA), (0, "")])
def test_the_short_commit_has_the_length_that_is_asked_for(length: int, expected: str) -> None:
    given = RuleFacts(NOW, NOW, sha=SHA, short_sha_length=length)
    rendering = render_rules(
        parse_rules("type=sha,prefix=x\ntype=raw,value=y{{sha}}"), parse_flavor(""), given
    )
    assert [one.name for one in rendering.tags] == [f"y{expected}", f"x{expected}"]


def test_facts_are_of_one_ref_and_of_aware_moments() -> None:
    with pytest.raises(ValueError, match="one ref"):
        RuleFacts(NOW, NOW, branch="main", tag="v1")
    with pytest.raises(ValueError, match="time zone"):
        RuleFacts(datetime(2020, 1, 1), NOW)
    with pytest.raises(ValueError, match="time zone"):
        RuleFacts(NOW, datetime(2020, 1, 1))


def test_dates_are_in_utc_unless_a_zone_is_named() -> None:
    east = datetime(2020, 1, 10, 1, tzinfo=timezone(timedelta(hours=9)))
    rules = "type=raw,value={{date 'DDHH'}}\ntype=raw,value={{commit_date 'DDHH' tz='asia/tokyo'}}"
    rendering = render_rules(parse_rules(rules), parse_flavor(""), RuleFacts(east, east))
    assert [one.name for one in rendering.tags] == ["0916", "1001"]


HOSTILE = st.one_of(
    st.text(max_size=300),
    st.text(alphabet=".-/ \n'\"$()`;&|<>\\\x00é漢😀", max_size=300),
    st.sampled_from(
        ["$(id)", "`id`", "a\nb", "'; --", "x" * 300, "." * 300, "-", "\ud800", "1.2.3-" + "a" * 90]
    ),
)
ALL_TYPES = """\
type=schedule,pattern=nightly-{{date 'YYYYMMDD'}}
type=semver,pattern={{raw}}
type=semver,pattern={{major}}.{{minor}}
type=pep440,pattern={{raw}}
type=match,pattern=[^]*
type=match,pattern=(.)(.*),group=2
type=edge
type=ref,event=branch
type=ref,event=tag
type=ref,event=pr
type=raw,value={{branch}}{{tag}}{{base_ref}}
type=raw,value=x,suffix={{branch}}
type=raw,value=,prefix={{tag}}
type=sha,format=long
"""


@given(
    ref=HOSTILE,
    kind=st.sampled_from(["branch", "tag", "pull_request"]),
    sha=HOSTILE,
    base_ref=HOSTILE,
    flavor=st.sampled_from(
        ["", "latest=true\nprefix={{branch}}.,onlatest=true\nsuffix={{tag}},onlatest=true"]
    ),
    as_peer=st.booleans(),
)
def test_every_name_is_a_tag(
    ref: str, kind: str, sha: str, base_ref: str, flavor: str, as_peer: bool
) -> None:
    given = {kind: ref, "sha": sha, "base_ref": base_ref, "event": "schedule", "default_branch": ref}
    try:
        rendering = render(ALL_TYPES, flavor, as_peer=as_peer, **given)
    except RuleMistakes as error:
        assert all("versions are not cut" in problem for problem in error.problems)
        return
    names = [Tag(one.name).name for one in rendering.tags]
    assert len(set(names)) == len(names)
    assert rendering.main == (names[0] if names else "")
    assert len(rendering.notes) == len(ALL_TYPES.splitlines())
    assert {one.tag for one in rendering.notes if one.tag} == {one.name for one in rendering.tags if one.rule}


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_two_branches_meet_only_where_the_action_lets_them_meet(one: str, other: str) -> None:
    first, second = (tag("type=ref,event=branch", branch=branch).name for branch in (one, other))
    plain = [re.sub(r"[^a-zA-Z0-9._-]+", "-", branch) for branch in (one, other)]
    assert (first == second) <= (one == other or plain[0] == plain[1])
    if one != other and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", plain[0]):
        assert first != second
