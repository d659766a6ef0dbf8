"""What a report says of what to do: the same parts, in the same order, in every format."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ecr_push.base.documentation import HOME, page
from ecr_push.base.errors import BuildError, Interrupted, RegistryError, ScanError
from ecr_push.base.reference import Tag
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.model import Policy
from ecr_push.policy.verdict import RuleResult, Verdict
from ecr_push.release.rollback import Named
from ecr_push.report import html, junit, markdown, text
from ecr_push.report.next_steps import next_steps
from ecr_push.scan.findings import Package
from tests.support.fakes import digest
from tests.support.outcomes import CERTIFI, OUTCOMES, REFUSED, accepted_or_refused, rule, with_facts

DOCS = Path(__file__).parents[3] / "docs"
OLD = Named(digest("old"), "1.4.1")
TAGS_NOW = ((Tag("1.4"), OLD), (Tag("1"), OLD), (Tag("latest"), OLD), (Tag("edge"), None))


def refused(**more: object) -> Outcome:
    found = accepted_or_refused(CERTIFI)
    return replace(found, tags_now=TAGS_NOW, policy=Policy(), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("render", [text.render, markdown.render, html.render, junit.render])
def test_a_refusal_has_the_same_parts_in_the_same_order(render: object) -> None:
    found = with_facts(
        refused(), options=("--region", "eu-west-1"), settings="settings from app/ecr-push.yml"
    )
    report = re.sub(
        r"<(?:style|script).*?</(?:style|script)>|<[^>]*>|[\\`*]", "", render(found), flags=re.DOTALL
    )  # type: ignore[operator]
    parts = [
        "team/app 1.4.2",
        "CVE-2023-37920",
        "usr/lib/certifi",
        "pdate certifi to 2023.07.22: fixes 1 HIGH",
        "latest, 1, 1.4 stay at 1.4.1 (sha256:",
        "app:candidate-0123456789ab-run1",
        "vulnerability: CVE-2023-37920",
        "ecr-push promote 123456789012",
        "--region eu-west-1 --policy policy.yml",
    ]
    if render is junit.render:
        parts = parts[3:]  # the name and the findings are tests of their own
    places = [report.find(part, report.find("CVE-2023-37920") if part != parts[0] else 0) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places), parts
    if render is not junit.render:
        assert "settings from app/ecr-push.yml; policy in effect sha256:" in report
    assert page("scanning.md#refused") in render(found)  # type: ignore[operator]


def test_where_the_tags_are_is_grouped_by_image() -> None:
    assert next_steps(refused(), 9).tags == (
        f"latest, 1, 1.4 stay at 1.4.1 ({digest('old').short})",
        "edge does not exist",
    )
    assert next_steps(with_facts(refused(), command="scan", arguments=("x:1",)), 9).tags == ()


@pytest.mark.parametrize(
    ("policy", "options", "expected", "where"),
    [
        ((), (), "--policy policy.yml", "Save these exceptions as policy.yml"),
        (
            ("s3://a/b.yml", "own.yml"),
            ("--policy", "own.yml"),
            "--policy own.yml",
            "Add these exceptions to own.yml",
        ),
        (("ecr-push.yml",), (), "latest", "Add these exceptions to ecr-push.yml"),
    ],
)
def test_the_exceptions_belong_to_the_nearest_policy(
    policy: tuple[str, ...], options: tuple[str, ...], expected: str, where: str
) -> None:
    found = refused()
    assert found.verdict
    found = with_facts(replace(found, verdict=replace(found.verdict, policy=policy)), options=options)
    release = next_steps(found, 9).release
    assert release and release.command.endswith(expected) and release.where.startswith(where)


def test_what_no_exception_accepts_is_not_offered_one() -> None:
    found = refused()
    for broken in (
        RuleResult("nothing that is always refused", "", 0, 1, (CERTIFI,), always=True),
        RuleResult("no finding of HIGH or worse", "", 0, 7, (CERTIFI,)),  # six are not listed
    ):
        assert next_steps(replace(found, verdict=Verdict(False, (broken,))), 9).release is None
    errors = Verdict(False, (rule(CERTIFI),), errors=("an exception is over",))
    assert next_steps(replace(found, verdict=errors), 9).release is None
    unjudged = Verdict(False, (), errors=("it cannot be scanned",), unjudged=True)
    given = with_facts(replace(found, verdict=unjudged), options=("--unscannable", "refuse", "--lock", "x"))
    release = next_steps(given, 9).release
    assert release and release.command.endswith(" latest --lock x --unscannable warn")
    assert release.exceptions == ""


@pytest.mark.parametrize(
    ("again", "given", "expected"),
    [
        (("--unscannable", "warn"), (), "--unscannable warn"),
        (("--unscannable", "warn"), ("--unscannable", "refuse"), "--unscannable warn"),
        (("--scan-timeout", "15m"), ("--scan-timeout", "3s", "--lock", "x"), "--lock x --scan-timeout 15m"),
        (None, ("--scan-timeout", "3s"), "--scan-timeout 3s"),
    ],
)
def test_the_command_after_no_answer_gets_further(
    again: tuple[str, str] | None, given: tuple[str, ...], expected: str
) -> None:
    failure = Failure.of(ScanError("no answer", again=again), "scan")
    found = with_facts(replace(refused(), verdict=None, failure=failure), options=given)
    release = next_steps(found, 9).release
    assert release and release.command.endswith(f" latest {expected}")
    named = with_facts(found, command="promote", arguments=("team/app:1", "stable"), options=given)
    release = next_steps(named, 9).release
    assert (release.command if release else "") == (
        f"ecr-push promote team/app:1 stable {expected}" if again else ""
    )


@pytest.mark.parametrize(
    ("command", "arguments", "expected"),
    [
        ("scan", ("team/app:1",), "ecr-push scan team/app:1 --policy policy.yml"),
        ("promote", ("team/app:1", "stable"), "ecr-push promote team/app:1 stable --policy policy.yml"),
        ("gate", ("a b.json",), "ecr-push gate 'a b.json' --policy policy.yml"),
    ],
)
def test_a_command_that_names_its_image_is_given_again(
    command: str, arguments: tuple[str, ...], expected: str
) -> None:
    found = with_facts(refused(), command=command, arguments=arguments)
    release = next_steps(found, 9).release
    assert release and release.command == expected
    assert text.render(found).startswith(f"REFUSED  {arguments[0]}\n")
    stopped = replace(found, failure=Failure.of(ScanError("no answer"), "scan"))
    assert next_steps(stopped, 9).release is None, "the same command again"


def test_a_failed_promotion_says_to_run_again() -> None:
    broken = replace(refused(), failure=Failure.of(RegistryError("x", remedy="allow it"), "promote"))
    steps = next_steps(broken, 9)
    assert steps.to_do[0] == "allow it" and steps.to_do[1].startswith("run again to move the release tags")
    assert steps.tags == () and steps.release is None
    interrupted = replace(refused(), failure=Failure.of(Interrupted(15), "promote"))
    assert next_steps(interrupted, 9).to_do == steps.to_do[1:], "once"


def test_what_has_no_candidate_is_not_promoted() -> None:
    failed = Outcome(failure=Failure.of(BuildError("x"), "build"))
    assert next_steps(failed, 9).release is None and next_steps(failed, 9).inspect == ""
    assert next_steps(OUTCOMES["a test failed"], 9).release is None


def test_where_packages_are() -> None:
    found = refused()
    layer = f"sha256:{'1' * 64}"
    packages = (Package("a", path="opt/a", layer=layer), Package("a", path="opt/b"))
    finding = replace(CERTIFI, packages=packages)
    verdict = Verdict(False, (rule(finding),), base_layers=frozenset({layer}))
    said = text.render(replace(found, verdict=verdict))
    assert "    certifi 2022.12.7: opt/a, layer 111111111111 (base image), and 1 more\n" in said
    other = replace(verdict, base_layers=frozenset({"sha256:2"}))
    made = replace(found, verdict=other, layer_steps={layer: "RUN pip install"})
    said = "| opt/a, layer 111111111111 (this image's own: RUN pip install) and 1 more |"
    assert said in markdown.render(made)


@pytest.mark.parametrize("ending", OUTCOMES)
def test_every_link_leads_to_a_page_and_its_section(ending: str) -> None:
    for _, address in next_steps(OUTCOMES[ending], 1).docs:
        name, _, section = address.removeprefix(f"{HOME}/blob/main/docs/").partition("#")
        heads = re.findall(r"^#+ (.*)$", (DOCS / name).read_text(encoding="utf-8"), re.MULTILINE)
        slugs = {re.sub(r"[^\w\- ]", "", head).replace(" ", "-").lower() for head in heads}
        assert not section or section in slugs


def test_each_way_to_end_badly_has_somewhere_to_read_on() -> None:
    for name, found in OUTCOMES.items():
        assert bool(next_steps(found, 1).docs) is bool(found.exit_code or found.status == "observed"), name


def test_findings_that_are_cut_are_somewhere() -> None:
    assert REFUSED.verdict
    many = replace(REFUSED, verdict=replace(REFUSED.verdict, rules=(rule(*[
        replace(CERTIFI, id=f"CVE-{number}") for number in range(30)
    ]),)))  # fmt: skip
    assert "… and 10 more: with --report report.html a file has all of them" in text.render(many)
    gate = with_facts(many, command="gate", arguments=("f.json",))
    assert "… and 10 more: with --result result.json a file has all of them" in text.render(gate)
    written = with_facts(many, reports=(("html", "out/r.html"),))
    assert "… and 10 more: out/r.html has all of them" in text.render(written)


@pytest.mark.parametrize(("phase", "is_left"), [("promote", True), ("release", False), ("replicate", False)])
def test_no_release_tag_is_left_after_the_promotion(phase: str, is_left: bool) -> None:
    failure = Failure(phase, "registry", "it failed", "", "remove the cause", 4)
    found = next_steps(replace(OUTCOMES["promotion failed"], failure=failure), 3)
    assert ("tags that are left" in "".join(found.to_do)) == is_left
