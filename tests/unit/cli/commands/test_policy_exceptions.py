"""`ecr-push policy exceptions`: those of files, of ecr-push.yml and of its images; what people mistake."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.fakes import START
from tests.unit.cli.commands.conftest import Console

TODAY = START.date()


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


CENTRAL = f"""\
exceptions:
- {{vulnerability: CVE-2, package: openssl, owner: platform, reason: not called, until: {day(10)}}}
- {{path: docs/**}}
"""
SHOP = f"""\
extends: central.yml
exceptions:
- {{vulnerability: CVE-1, owner: shop, until: {day(-3)}}}
- {{vulnerability: CVE-3, until-fixed: true}}
- {{vulnerability: CVE-4, until: {day(0)}}}
- {{vulnerability: CVE-5, until: {day(15)}}}
"""


@pytest.fixture(autouse=True)
def files(console: Console) -> None:
    Path("central.yml").write_text(CENTRAL)
    Path("shop.yml").write_text(SHOP)
    Path("api.yml").write_text("extends: central.yml\n")


def test_what_ends_first_is_on_top_and_a_policy_that_several_extend_is_listed_once(console: Console) -> None:
    assert console.run("policy", "exceptions", "shop.yml", "api.yml", "--html", "page.html") == 0, console.err
    lines = console.out.splitlines()
    assert [line.split("  ")[0] for line in lines[:-2]] == [
        "ENDS",
        *(str(day(days)) for days in (-3, 0, 10, 15)),
        "once fixed",
        "never",
    ]
    assert lines[1].split() == [
        *(str(day(-3)), "ended", "3", "days", "ago", "CVE-1", "shop"),
        *("shop.yml,", "line", "3"),
    ]
    assert "its last day" in lines[2] and "10 days " in lines[3] and "CVE-2 in openssl" in lines[3]
    assert lines[3].endswith("central.yml, line 2")
    assert lines[-1] == "1 has ended, 2 end within 14 days, 1 has no end, of 6 exceptions in 2 policies."
    page = Path("page.html").read_text()
    assert "Exceptions that need a decision" in page and "not called" in page and "<script" not in page
    assert page.index("CVE-1") < page.index("CVE-4") < page.index("CVE-2") < page.index("docs/**")


def test_a_policy_is_one_by_whatever_way_it_is_extended(console: Console) -> None:
    Path("teams").mkdir()
    Path("teams/web.yml").write_text("extends: ../central.yml\n")
    assert console.run("policy", "exceptions", "teams/web.yml", "./central.yml", "shop.yml") == 0, console.err
    places = [line.rpartition("  ")[2].strip() for line in console.out.splitlines()[1:-2]]
    assert len(places) == len({*places}) == 6 and "central.yml, line 2" in places


def test_as_json_for_another_span(console: Console) -> None:
    argv = ("policy", "exceptions", "shop.yml", "--ends-within", "20d", "--output", "json")
    assert console.run(*argv) == 0, console.err
    found = json.loads(console.out)
    assert found["policies"] == ["shop.yml"]
    states = {one["exception"]: (one["state"], one["daysLeft"]) for one in found["exceptions"]}
    assert states == {
        "CVE-1": ("ended", -3),
        "CVE-4": ("soon", 0),
        "CVE-2 in openssl": ("soon", 10),
        "CVE-5": ("soon", 15),
        "CVE-3": ("until-fixed", None),
        "every vulnerability at docs/**": ("no-end", None),
    }
    one = found["exceptions"][2]
    assert (one["owner"], one["reason"], one["where"]) == ("platform", "not called", "central.yml, line 2")


def test_those_that_ecr_push_yml_names_of_each_image_too(console: Console) -> None:
    Path("ecr-push.yml").write_text("policy: {exceptions: [{package: zlib}]}\n")
    assert console.run("policy", "exceptions") == 0, console.err
    assert "every vulnerability in zlib" in console.out and "ecr-push.yml, line 1" in console.out
    assert "of 1 exception in 1 policy." in console.out
    Path("ecr-push.yml").write_text(
        "images:\n  shop: {repository: team/shop, policy: shop.yml}\n"
        "  api: {repository: team/api, policy: api.yml}\n"
    )
    assert console.run("policy", "exceptions") == 0, console.err
    assert "of 6 exceptions in 2 policies." in console.out
    assert console.run("policy", "exceptions", "--policy", "central.yml") == 0, console.err
    assert "of 2 exceptions in 1 policy." in console.out


def test_where_there_is_none(console: Console) -> None:
    assert console.run("policy", "exceptions") == 0
    assert console.out.startswith("No policy is named: neither a FILE is given")
    Path("plain.yml").write_text("fail-on: high\n")
    assert console.run("policy", "exceptions", "plain.yml", "--html", "page.html") == 0
    assert console.out == "No exception in 1 policy.\n" and "No exception" in Path("page.html").read_text()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("gone.yml",), "FILE: cannot read gone.yml: No such file or directory"),
        (("shop.yml", "--ends-within", "soon"), "--ends-within: 'soon' is not a valid duration"),
        (
            ("shop.yml", "--policy", "api.yml"),
            "--policy: contradicts FILE: give its value as one more, beside shop.yml",
        ),
        (("shop.yml", "--html", "gone/page.html"), "--html: "),
        (("api.yml", "--html", "shop.yml"), "--html: shop.yml is not the name of a page: expected FILE.html"),
        (("-r", "team/shop"), "No such option"),
    ],
)
def test_a_mistake(console: Console, argv: tuple[str, ...], words: str) -> None:
    assert console.run("policy", "exceptions", *argv) == 2
    assert words in " ".join(console.err.split()) and console.out == ""


def test_the_mistakes_of_all_policies_at_once(console: Console) -> None:
    Path("a.yml").write_text("exceptions: [{vulnerability: CVE-1, until: tomorrow}]\n")
    Path("b.yml").write_text("exceptoins: []\n")
    assert console.run("policy", "exceptions", "a.yml", "shop.yml", "b.yml") == 2
    assert "a.yml, line 1" in console.err and "b.yml, line 1" in console.err
