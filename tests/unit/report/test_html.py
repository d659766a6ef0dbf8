"""The HTML report's text. What a browser makes of it is tests/integration/test_report_html.py's."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
from dataclasses import replace
from datetime import datetime, timezone
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecr_push.base.documentation import HOME
from ecr_push.base.reference import Tag
from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import JudgedFinding, RuleResult, Treatment, Verdict
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.report import html, html_charts, html_rows, html_updates, html_view
from ecr_push.report.html_rows import Row
from ecr_push.scan.findings import Finding, Package
from tests.support import html_samples as samples
from tests.support.html_samples import HOSTILE, full_of
from tests.support.outcomes import with_facts

VOID = {"meta", "link", "br", "input", "rect", "circle", "path"}
SAMPLES = {name: make for name, make in samples.SAMPLES.items() if name != "20000-findings"}


class Page(HTMLParser):
    """A page taken apart: its elements in order, its texts by element, what refers to what."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.skeleton: list[tuple[str, ...]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skeleton.append((tag, *(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skeleton.append((tag, *(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def values(self, name: str) -> list[str]:
        return [value for _, one, value in self.attributes if one == name]

    def inside(self, tag: str) -> list[str]:
        return [text for one, text in self.texts if one == tag]

    @property
    def data(self) -> dict:
        return json.loads(next(text for text in self.inside("script") if text.startswith("{")))

    @property
    def words(self) -> str:
        """What a person reads."""
        return " ".join(" ".join(text for tag, text in self.texts if tag not in ("script", "style")).split())


def page(outcome: Outcome) -> Page:
    return Page(html.render(outcome))


def one(**fields: object) -> Outcome:
    """A refused image with one finding."""
    given = {"id": "CVE-1", "severity": Severity.HIGH, "package": "zlib", "version": "1.2"} | fields
    found = Finding(**given)  # type: ignore[arg-type]
    rules = (RuleResult("no finding of HIGH or worse", "", 0, 1, (found,)),)
    judged = (JudgedFinding(found, "", Treatment.REFUSES, "a rule"),)
    return replace(samples.clean(), verdict=Verdict(False, rules, judged=judged), promoted=())


def rows(*found: tuple[Finding, Treatment]) -> list[Row]:
    judged = tuple(JudgedFinding(finding, "", treatment, "x") for finding, treatment in found)
    return html_rows.make_rows(Outcome(verdict=Verdict(False, (), judged=judged)))


HEADLINES = {
    "accepted": (
        "Accepted team/app 1.4.2 The policy accepts this image. 4 release tags point to it. 1 stayed where "
        "it was. 6 medium 9 low 1 untriaged Updates"
    ),
    "refused": (
        "Refused team/app 1.4.2 4 findings (1 critical, 3 high) break the policy. No release tag was moved. "
        "2 critical (1 refuses) 5 high (3 refuse) 6 medium 9 low 1 untriaged "
        "What refuses Severity Finding Package Fixed in Where "
        "Critical CVE-2025-10001 exploit known openssl, libssl3 3.0.11-1 3.0.15-1 "
        "layer cae662172fd4 (base image) High GHSA-aaaa-bbbb-cccc exploit known pyyaml 5.3.1 5.4 "
        "app/lib/python3.12/site-packages/PyYAML-5.3.1.dist-info/METADATA, "
        "layer fed5038bf2f4 (this image's own) High CVE-2025-10002 openssl 3.0.11-1 3.0.13-1 "
        "layer cae662172fd4 (base image) High CVE-2025-10003 zlib1g 1:1.2.13 – "
        "layer cae662172fd4 (base image) "
        "To do, most effective first Update libssl3, openssl to 3.0.15-1: fixes 1 CRITICAL, 1 HIGH."
    ),
    "nothing-found": (
        "Accepted team/app 1.4.2 Sandbox: the registry is an ECR on this machine, not AWS. The policy accepts"
    ),
    "no-answer": (
        "No answer team/app 1.4.2 The scan gave no answer, which does not count as accepted: the scan of "
        "sha256:1b2c3d4e5f60 had no answer within 15m. No release tag was moved. What failed "
        "linux/amd64: COMPLETE linux/arm64: PENDING To do Run again: the image is there"
    ),
    "failed": (
        "Failed team/app 1.4.2 In phase build: docker buildx build ended with 1. No release tag was moved. "
        "What failed #9 [4/5] RUN pip install -r requirements.txt #9 ERROR: No matching distribution for "
        "requets ------ Dockerfile:7 -------------------- To do Fix the build, then run again."
    ),
    "half-promoted": (
        "Failed team/app 1.4.2 In phase promote: ECR refused to point 1 to the image. The image was "
        "accepted, and some release tags may point to it already. 6 medium 9 low 1 untriaged What failed "
        "AccessDeniedException To do, most effective first Allow ecr:PutImage. Run again to move the release "
        "tags that are left"
    ),
    "interrupted": (
        "Interrupted team/app 1.4.2 The run was interrupted by SIGTERM, in phase build. No release tag was "
        "moved. To do Run again"
    ),
    "planned": "Planned team/app 1.4.2 Nothing was built, pushed or evaluated.",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_begins_with_the_answer_and_what_to_do(name: str) -> None:
    found = page(SAMPLES[name]())
    assert re.sub(r"^.*? ecr-push report (2026-\S+ \S+ UTC )?", "", found.words).startswith(HEADLINES[name])
    assert found.inside("title")[0].startswith(HEADLINES[name].split(" ")[0])


@pytest.mark.parametrize("name", SAMPLES)
def test_every_reference_on_the_page_has_its_end(name: str) -> None:
    found = page(SAMPLES[name]())
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    links = {value[1:] for value in found.values("href") if value.startswith("#")}
    named = {part for value in found.values("aria-labelledby") for part in value.split()}
    assert (links | named | set(found.values("for"))) <= set(ids)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_page_may_run_its_own_script_and_style_and_nothing_else(name: str) -> None:
    text = html.render(SAMPLES[name]())
    found = Page(text)
    policy = found.values("content")[0]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    for kind, parts, count in (("script", scripts, 2), ("style", styles, 1)):
        hashes = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in parts]
        assert f"{kind}-src " + " ".join(f"'sha256-{one}'" for one in hashes) + ";" in policy
        assert len(parts) == count
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert not [name for _, name, _ in found.attributes if name.startswith("on") or name in ("style", "src")]
    outside = [value for tag, name, value in found.attributes if name == "href" and tag != "a"]
    assert all(value.startswith("data:") for value in outside)


def test_links_leave_the_page_without_telling_where_from() -> None:
    text = html.render(samples.refused())
    leaving = re.findall(r'<a href="https?:[^>]*>', text)
    assert leaving
    assert all('rel="noopener noreferrer"' in one for one in leaving)
    assert '<meta name="referrer" content="no-referrer">' in text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_text_wherever_it_stands(text: str) -> None:
    harmless, hostile = page(full_of("harmless")), page(full_of(text))
    assert hostile.skeleton == harmless.skeleton
    assert hostile.data["rows"] == harmless.data["rows"]
    clean = html_rows.clean(text)
    assert clean in hostile.data["texts"]
    assert " ".join(clean.split()) in hostile.words
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\ud800-\udfff]", html.render(full_of(text))
    )


@given(st.text(min_size=1))
@example("of `0`")
@example("HTTP://")
@example("https://example.com/<b>")
def test_no_text_changes_the_page_s_elements(text: str) -> None:
    """But for `code`, which a pair of backquotes means in what is to be done. An address is a link."""
    like_it = "https://example.com" if html_rows.safe_url(text) else "harmless"
    found, harmless = page(full_of(text)).skeleton, page(full_of(like_it)).skeleton
    assert [one for one in found if one != ("code",)] == [one for one in harmless if one != ("code",)]


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://nvd.nist.gov/vuln/detail/CVE-2024-1", True),
        ("HTTP://example.com/?a=1&b=2", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.com", False),
        ("/etc/passwd", False),
        ("https://example.com/\njavascript:", False),
        ("https://example.com/\u202e", False),
        ("https://a b", False),
        ("https://", False),
        ("https:///a", False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url: str, safe: bool) -> None:
    found = page(with_facts(one(uri=url), url=url))
    links = {value for value in found.values("href") if not value.startswith(("#", "data:", HOME))}
    assert links == ({url} if safe else set())
    assert (url in found.data["texts"]) == (safe or url == "")


def test_the_same_outcome_gives_the_same_page() -> None:
    assert html.render(samples.refused()) == html.render(samples.refused())


@given(st.randoms(use_true_random=False))
@settings(max_examples=settings.default.max_examples // 7 + 1)
def test_the_order_of_what_was_judged_does_not_matter(dice: random.Random) -> None:
    outcome = samples.refused()
    assert outcome.verdict is not None
    shuffled = list(outcome.verdict.judged)
    dice.shuffle(shuffled)
    assert html.render(
        replace(outcome, verdict=replace(outcome.verdict, judged=tuple(shuffled)))
    ) == html.render(outcome)


def test_what_refuses_comes_first_then_the_worst() -> None:
    found = html_rows.make_rows(samples.refused())
    assert [row.decision for row in found[:5]] == ["Refuses"] * 4 + ["Allowed"]
    assert [row.finding.id for row in found[:2]] == ["CVE-2025-10001", "GHSA-aaaa-bbbb-cccc"]


def test_a_finding_on_two_platforms_is_one_row_with_both() -> None:
    found = html_rows.make_rows(samples.refused())
    assert {tuple(row.platforms) for row in found} == {(samples.AMD, samples.ARM)}
    assert len(found) * 2 == len(samples.refused().verdict.judged)  # type: ignore[union-attr]


def test_layers_that_differ_by_platform_do_not_make_two_rows_of_a_finding() -> None:
    both = [
        Finding("CVE-1", Severity.LOW, "a", "1", packages=(Package("a", "1", layer=layer),))
        for layer in ("x", "y")
    ]
    found = rows(*((finding, Treatment.BELOW) for finding in both))
    assert [row.layers for row in found] == [{"x", "y"}]


def test_findings_without_a_decision_are_listed_as_not_judged() -> None:
    failed = replace(samples.no_answer(), scan=samples.refused().scan)
    assert {row.decision for row in html_rows.make_rows(failed)} == {"Not judged"}


def test_the_script_gets_every_finding_and_the_page_the_first() -> None:
    found = page(samples.many(300))
    assert len(found.data["rows"]) == 300
    assert found.values("class").count("id") == 1 + html.ROWS_WITHOUT_SCRIPT
    assert "300 findings; without JavaScript the first 100 are listed." in found.words


def test_the_script_reads_the_fields_that_are_written() -> None:
    fields = re.search(r"const FIELDS = \[(.*?)\];", html.render(samples.planned()), re.DOTALL)
    assert fields
    assert fields[1].count('"') == 2 * len(page(one()).data["rows"][0])
    severities = re.search(r"const SEVERITIES = \[(.*?)\];", html.render(samples.planned()))
    assert severities
    assert severities[1] == ", ".join(f'"{severity.name.capitalize()}"' for severity in Severity)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), None])
def test_a_number_that_is_none_is_left_out(score: float | None) -> None:
    text = html.render(one(score=score, epss=score))
    assert not re.search(r"NaN|Infinity", text.partition('id="data">')[2].partition("</script>")[0])


def test_what_a_finding_costs_in_bytes() -> None:
    """20,000 findings are 3.5 MB besides their descriptions; each text is there once."""
    few, more = (
        replace(found, verdict=replace(found.verdict, judged=tuple(map(short, found.verdict.judged))))  # type: ignore
        for found in (samples.many(1000), samples.many(2000))
    )
    assert (len(html.render(more)) - len(html.render(few))) / 1000 < 240


def short(judged: JudgedFinding) -> JudgedFinding:
    return replace(judged, finding=replace(judged.finding, description="the same"))


def test_a_very_long_description_is_cut() -> None:
    assert len(html.render(one(description="d" * 1_000_000))) < 100_000


def test_which_update_fixes_most() -> None:
    found = html_updates.find_updates(html_rows.make_rows(samples.refused()))
    assert [
        (update.name, update.now, update.target, update.fixes, update.refusing) for update in found[:3]
    ] == [
        ("libssl3, openssl", "3.0.11-1", "3.0.15-1", 3, 2),
        ("pyyaml", "5.3.1", "5.4", 1, 1),
        ("libc6", "2.36-9", "2.36-9+deb12u9", 2, 0),
    ]


@pytest.mark.parametrize(
    ("versions", "highest"),
    [
        (("1.9", "1.10"), "1.10"),
        (("2.36-9+deb12u8", "2.36-9+deb12u12"), "2.36-9+deb12u12"),
        (("1.2.0", "1.2.0.post1"), "1.2.0.post1"),
        (("9" * 5000, "1"), "9" * 5000),
    ],
)
def test_an_update_goes_to_the_highest_version_that_is_asked_for(
    versions: tuple[str, ...], highest: str
) -> None:
    found = [(Finding(f"CVE-{one}", Severity.LOW, "a", "1", one), Treatment.BELOW) for one in versions]
    assert [one.target for one in html_updates.find_updates(rows(*found))] == [highest]


@pytest.mark.parametrize("treatment", [Treatment.EXCEPTED, Treatment.NOT_AFFECTED, Treatment.OUT_OF_SCOPE])
def test_what_was_set_aside_calls_for_no_update(treatment: Treatment) -> None:
    assert html_updates.find_updates(rows((Finding("CVE-1", Severity.HIGH, "a", "1", "2"), treatment))) == []


def test_packages_of_different_systems_are_different_updates() -> None:
    packages = (Package("yaml", "1", "2", "OS"), Package("yaml", "1", "2", "PYTHON"))
    found = html_updates.find_updates(rows((Finding("X", Severity.LOW, packages=packages), Treatment.BELOW)))
    assert [update.packages for update in found] == [("yaml",), ("yaml",)]


def test_a_refusal_without_a_fix_says_what_else_can_be_done() -> None:
    words = page(one()).words
    assert (
        "Remove or replace zlib, or take a newer base image: the scan names no fixed version for what "
        "refuses." in words
    )


def test_a_refusal_without_findings_gives_its_reason() -> None:
    unscanned = replace(
        samples.clean(), promoted=(), verdict=Verdict(False, (), errors=("linux/arm64 was not scanned",))
    )
    assert "Refused team/app 1.4.2 Sandbox" in page(unscanned).words
    assert "Linux/arm64 was not scanned. No release tag was moved." in page(unscanned).words


def test_findings_that_are_only_counted_are_reported() -> None:
    outcome = samples.clean()
    assert outcome.scan is not None
    scan = replace(outcome.scan.platforms[0], counts={Severity.LOW: 7})
    words = page(replace(outcome, scan=replace(outcome.scan, platforms=(scan,)))).words
    assert "ECR counts 7 findings more than it lists" in words


def test_a_dry_run_claims_no_moved_tag() -> None:
    dry = replace(samples.accepted(), promoted=(PromotedTag(Tag("latest"), "planned"),))
    assert "This was a dry run: no release tag was moved." in page(dry).words
    assert "latest would move" in page(dry).words


def test_exceptions_that_need_attention_come_first() -> None:
    states = [one.state for one in html_view.exceptions_by_need(samples.refused().verdict)]
    assert states == ["expired", "outgrown", "unused", "used", "used"]
    words = page(samples.refused()).words
    assert (
        "CVE-2023-0001 in openssl ecr-push.yml:24 expired its date is past: it no longer holds 0 team-auth"
        in words
    )


def test_layers_are_distinguished_where_the_base_is_known() -> None:
    found = html_rows.make_rows(samples.refused())
    layers = html_view.find_layers(found, frozenset({samples.BASE_LAYER}))
    assert [(one.origin, one.found, one.refusing) for one in layers] == [
        ("base image", 20, 3), ("own", 1, 1), ("own", 2, 0),
    ]  # fmt: skip
    assert {one.origin for one in html_view.find_layers(found, frozenset())} == {""}


def test_what_changed_since_the_baseline() -> None:
    words = page(samples.refused()).words
    assert "Compared with latest (sha256:5f1c9aa2b7d4) : 22 new findings, 1 known, 1 gone." in words


def test_the_bars_say_what_the_rows_say() -> None:
    bars = html_charts.severity_bars(html_rows.make_rows(samples.refused()))
    assert [(bar.label, bar.found, bar.refusing) for bar in bars] == [
        ("Critical", 2, 1), ("High", 5, 3), ("Medium", 6, 0), ("Low", 9, 0), ("Untriaged", 1, 0),
    ]  # fmt: skip
    assert [bar.width for bar in bars] == [222, 556, 667, 1000, 111]


@pytest.mark.parametrize(
    ("seen", "label"),
    [
        ("2026-01-01", "Up to 7 days"),
        ("2025-12-20T10:00:00.123Z", "8 to 30 days"),
        ("2025-12-02T00:00:00+02:00", "31 to 90 days"),
        ("2025-02-01", "91 days to a year"),
        ("2019-01-01", "More than a year"),
        ("2027-01-01", "Up to 7 days"),
    ],
)
def test_how_long_a_finding_has_been_known(seen: str, label: str) -> None:
    found = rows((Finding("X", Severity.LOW, first_seen=seen), Treatment.BELOW))
    bars = html_charts.age_bars(found, datetime(2026, 1, 2, tzinfo=timezone.utc))
    assert [bar.label for bar in bars if bar.found] == [label]


def test_no_age_is_drawn_if_it_is_not_reported() -> None:
    assert (
        html_charts.age_bars(
            rows((Finding("X", Severity.LOW, first_seen="?"), Treatment.BELOW)), samples.MADE
        )
        == []
    )


def test_the_phases_follow_one_another_and_stay_within_the_chart() -> None:
    spans = html_charts.timeline({"build": 3.0, "scan": 1.0, "judge": 0.0001})
    assert [(one.start, one.width) for one in spans] == [(0, 750), (750, 250), (996, 4)]
    assert html_charts.timeline({}) == []
    assert [one.width for one in html_charts.timeline({"build": 0.0})] == [0]


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        ({}, []),
        ({"score": 7.0}, ["score"]),
        ({"epss": 0.1}, ["epss"]),
        ({"score": 7.0, "epss": 0.1}, ["score", "epss"]),
    ],
)
def test_columns_that_would_be_empty_are_left_out(fields: dict[str, float], columns: list[str]) -> None:
    keys = page(one(**fields)).values("data-key")
    assert keys == ["severity", "id", "package", "fixed", *columns, "decision"]
