"""What holds for every report, whatever its format is: every way to end, hostile text, and size."""

from __future__ import annotations

import html
import json
import re
import tracemalloc
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from ecr_push.base.errors import BuildError, Interrupted, RegistryError, ScanError
from ecr_push.cli.reports import RENDERERS
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.model import Policy
from ecr_push.policy.thresholds import NO_THRESHOLD
from ecr_push.report import document, formats, text
from ecr_push.report.escape import one_line
from ecr_push.settings.report_files import FORMATS, ReportFile, parse_report
from tests.support.hostile import HOSTILE, hostile, hostile_failure
from tests.support.outcomes import OUTCOMES, PYYAML, TESTS, accepted_or_refused, failed, many, with_facts
from tests.support.plans import plan

# ------------------------------------------------------------------------- how a run may end


# Of what was not judged there is no SARIF: see test_sarif.py.
ENDINGS = [
    (ending, name)
    for ending, found in OUTCOMES.items()
    for name in formats.RENDERERS
    if name != "sarif" or RENDERERS[name](found)
]


@pytest.mark.parametrize(("ending", "name"), ENDINGS)
def test_every_format_tells_every_ending(ending: str, name: str) -> None:
    found = OUTCOMES[ending]
    report = RENDERERS[name](found)
    assert report.endswith("\n")
    assert {found.status, found.status.replace("-", " ")} & set(
        re.findall("no.answer|test.failed|not.verified|[a-z]+", report.lower())
    )
    if found.failure:
        assert found.failure.what.lower() in report.lower()  # a sentence may begin with it
        assert found.failure.phase in report


@pytest.mark.parametrize(
    ("found", "status", "code"),
    [
        (accepted_or_refused(), "accepted", 0),
        (accepted_or_refused(PYYAML), "refused", 10),
        (accepted_or_refused(PYYAML, policy=Policy(observe=True)), "observed", 0),
        (accepted_or_refused(policy=Policy(observe=True)), "accepted", 0),
        (replace(accepted_or_refused(), tests=TESTS), "test-failed", 11),
        (replace(accepted_or_refused(PYYAML), tests=TESTS), "refused", 10),
        (replace(accepted_or_refused(PYYAML, policy=Policy(observe=True)), tests=TESTS), "test-failed", 11),
        (replace(accepted_or_refused(), tests=TESTS[:1]), "accepted", 0),
        (accepted_or_refused(PYYAML, policy=Policy(None)), "accepted", 0),
        (failed(BuildError("x"), "build"), "failed", 3),
        (failed(RegistryError("x"), "push"), "failed", 4),
        (failed(ScanError("x"), "scan"), "no-answer", 5),
        (failed(Interrupted(2), "scan"), "interrupted", 130),
        (failed(Interrupted(15), "scan"), "interrupted", 143),
        (Outcome(plan()), "planned", 0),
        (Outcome(plan(), checked="why"), "checked", 0),
        (replace(accepted_or_refused(), failure=Failure.of(RegistryError("x"), "promote")), "failed", 4),
    ],
)
def test_status_and_exit_code_agree_in_every_report(found: Outcome, status: str, code: int) -> None:
    written = document.document(found)
    assert (found.status, found.exit_code) == (status, code)
    assert (written["status"], written["exitCode"]) == (status, code)
    assert text.render(found).startswith(status.upper())


@pytest.mark.parametrize("name", ["text", *formats.RENDERERS])
@pytest.mark.parametrize(
    ("policy", "notice"),
    [
        (Policy(None), NO_THRESHOLD),
        (Policy(None, exploited="refuse", unscored="ignore"), NO_THRESHOLD),  # a rule, and no threshold
        (
            Policy(observe=True),
            "observe: the policy is only observed; it refuses the image, which is not stopped",
        ),
    ],
)
def test_every_report_says_what_would_have_been_refused(name: str, policy: Policy, notice: str) -> None:
    """An image with a CRITICAL finding and tags that moved does not look like one that was found clean."""
    found = accepted_or_refused(PYYAML, policy=policy)
    assert found.exit_code == 0 and found.released
    report = text.render(found) if name == "text" else RENDERERS[name](found)
    plain = html.unescape(report).replace("\\-", "-").replace("\\", "")
    assert notice.lower() in plain.lower()
    assert name != "text" or "1 CRITICAL" in plain


@pytest.mark.parametrize("found", [accepted_or_refused(), accepted_or_refused(PYYAML)])
def test_a_policy_with_a_threshold_that_is_enforced_needs_no_notice(found: Outcome) -> None:
    assert found.verdict and found.verdict.notices == ()
    assert document.document(found)["verdict"]["observe"] is False


def test_a_test_view_does_not_fail_for_what_is_only_observed() -> None:
    """Jenkins makes a build with a failed test unstable, and CodeBuild shows the report as failed."""
    tree = ElementTree.fromstring(RENDERERS["junit"](OUTCOMES["observed"]))
    assert tree.get("failures") == "0" and tree.get("errors") == "0"
    skipped = [one.get("message", "") for one in tree.iter("skipped")]
    assert any(one.startswith("refused, if it were not only observed: CRITICAL") for one in skipped)


def test_a_sandbox_says_so() -> None:
    assert "not AWS" in text.render(with_facts(accepted_or_refused(), sandbox=True))
    assert document.document(with_facts(accepted_or_refused(), sandbox=True))["sandbox"] is True


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("ending", ["refused", "platforms", "build failed"])
def test_a_report_is_a_function_of_the_outcome(name: str, ending: str) -> None:
    assert RENDERERS[name](OUTCOMES[ending]) == RENDERERS[name](OUTCOMES[ending])


# ------------------------------------------------------------------------- text from outside


def nothing_drives_a_terminal(report: str) -> None:
    strange = {char for char in report if not char.isprintable() and char != "\n"}
    assert not strange, strange
    for line in report.splitlines():
        assert not line.lstrip().startswith("::")
    assert not re.search(r"##\w*\[", report)


def check_text(report: str, text: str, of: Outcome) -> None:
    nothing_drives_a_terminal(report)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, of in value.items():
            yield name
            yield from strings(of)
    elif isinstance(value, list):
        for of in value:
            yield from strings(of)


def check_document(report: str, text: str, of: Outcome) -> None:
    """Data: read back, it is what it was, to the character."""
    nothing_drives_a_terminal(report)
    read = json.loads(report)
    if of.failure:
        assert read["failure"]["what"] == text
    else:
        [finding] = read["scan"]["platforms"][0]["findings"]
        assert finding["id"] == finding["packages"][0]["path"] == text
        assert read["verdict"]["judged"][0]["by"] == text


def check_shown_json(report: str, text: str, of: Outcome) -> None:
    """For an independent viewer: nothing that a viewer could take for more than a line of text."""
    nothing_drives_a_terminal(report)
    read = json.loads(report)
    for string in strings(read):
        assert all(char.isprintable() or char == "\n" for char in string), repr(string)


def check_sarif(report: str, text: str, of: Outcome) -> None:
    if of.verdict is None:
        assert report == ""
        return
    check_shown_json(report, text, of)
    [run] = json.loads(report)["runs"]
    messages = [one["message"]["text"] for one in run["results"]]
    messages += [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    for message in messages:
        plain = re.sub(r"\\[\\\[\]]|\{\{|\}\}", "", message)
        assert not re.search(r"[\\\[\]{}]", plain), message
    for one in run["tool"]["driver"]["rules"]:
        check_markdown(one["help"]["markdown"], text, of)


def check_cyclonedx(report: str, text: str, of: Outcome) -> None:
    check_shown_json(report, text, of)


def check_junit(report: str, text: str, of: Outcome) -> None:
    nothing_drives_a_terminal(report.replace("\n", " "))
    root = ElementTree.fromstring(report)
    assert {one.tag for one in root.iter()} <= {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "error", "skipped"
    }  # fmt: skip
    known = {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "value", "classname"}
    assert {name for one in root.iter() for name in one.attrib} <= known | {"type", "message"}
    if of.failure:
        assert root.find(".//error").attrib["message"] == one_line(text)  # type: ignore[union-attr]


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_OURS = re.compile(r"</?(?:details|summary|span|code)>")


def check_markdown(report: str, text: str, of: Outcome) -> None:
    assert not {char for char in report if not char.isprintable() and char != "\n"}
    tokens = MARKDOWN.parse(report)
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in (*tokens, *inline)}
    assert kinds <= {
        "heading", "inline", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list",
        "list_item", "html_block", "html_inline", "fence", "text", "strong", "em", "code_inline", "link",
        "softbreak", "text_special",
    }  # fmt: skip
    for token in (*tokens, *inline):
        if token.type in ("html_block", "html_inline"):
            rest = _OURS.sub("", token.content)
            assert not re.search("[<>]", rest), token.content
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith("https://")
        if token.type == "fence":
            assert token.info in ("text", "yaml", "sh")
    headings = [one.content for one in tokens if one.type == "inline" and one.level == 1]
    assert "heading" not in headings
    shown = "".join(one.content for one in inline if one.type in ("text", "text_special")).replace(
        "\u200b", ""
    )
    for magic in ("https://", "www.p", "@e", "##["):
        before = "".join(one.content for one in inline if one.type in ("text", "text_special"))
        assert magic not in before, magic
    assert all(one.content.count("$") < 2 for one in inline if one.type == "text")
    if shown and text == HOSTILE["other scripts"]:
        assert text in shown


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def check_html(report: str, text: str, of: Outcome) -> None:
    parser = Tags()
    parser.feed(report)
    parser.close()
    assert "x-hostile" not in {tag for tag, _ in parser.found}
    for _, attributes in parser.found:
        assert not [name for name in attributes if name.startswith("on")], attributes
        assert not str(attributes.get("href", "")).strip().lower().startswith("javascript:")
        assert "x-hostile" not in attributes
    assert not {char for char in report if not char.isprintable() and char not in "\n\t"}


def check_nothing_deploys(report: str, text: str, of: Outcome) -> None:
    assert report == ""


def check_dotenv(report: str, text: str, of: Outcome) -> None:
    nothing_drives_a_terminal(report)
    assert len(report.splitlines()) == 7
    assert "IMAGE=\nDIGEST=\n" in report


CHECKS: dict[str, Callable[[str, str, Outcome], None]] = {
    "text": check_text,
    "markdown": check_markdown,
    "comment": check_markdown,
    "json": check_document,
    "sarif": check_sarif,
    "junit": check_junit,
    "cyclonedx": check_cyclonedx,
    "html": check_html,
    "imagedefinitions": check_nothing_deploys,
    "imagedetail": check_nothing_deploys,
    "dotenv": check_dotenv,
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("made", [hostile, hostile_failure])
@pytest.mark.parametrize("kind", HOSTILE)
def test_text_from_outside_stays_text(name: str, made: Callable[[str], Outcome], kind: str) -> None:
    found = made(HOSTILE[kind])
    report = RENDERERS[name](found)
    report.encode()  # half a character cannot be written
    CHECKS[name](report, HOSTILE[kind], found)


# ------------------------------------------------------------------------- size


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_needs_little_more_memory_than_its_text(name: str) -> None:
    """3,000 findings, because tracing memory takes ten times as long; test_findings_memory has 50,000."""
    found = many(3_000, 1_000)
    RENDERERS[name](many(1, 1))  # its imports do not count
    tracemalloc.start()
    try:
        report = RENDERERS[name](found)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * len(report) + 3e6


# ------------------------------------------------------------------------- how a report is asked for


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("out/report.md", ReportFile("markdown", "out/report.md")),
        ("findings.sarif", ReportFile("sarif", "findings.sarif")),
        ("findings.sarif.json", ReportFile("sarif", "findings.sarif.json")),
        ("result.json", ReportFile("json", "result.json")),
        ("vex.cdx.json", ReportFile("cyclonedx", "vex.cdx.json")),
        ("JUNIT.XML", ReportFile("junit", "JUNIT.XML")),
        ("log.txt", ReportFile("text", "log.txt")),
        ("out/imagedefinitions.json", ReportFile("imagedefinitions", "out/imagedefinitions.json")),
        ("imageDetail.json", ReportFile("imagedetail", "imageDetail.json")),
        ("imagedetail.json", ReportFile("imagedetail", "imagedetail.json")),
        ("detail.json", ReportFile("json", "detail.json")),
        ("build.env", ReportFile("dotenv", "build.env")),
        ("markdown=/tmp/step_summary_1", ReportFile("markdown", "/tmp/step_summary_1")),
        ("comment=a=b.md", ReportFile("comment", "a=b.md")),
        ("./a=b.md", ReportFile("markdown", "./a=b.md")),
    ],
)
def test_a_report_is_named_or_recognised_by_its_ending(given: str, expected: ReportFile) -> None:
    assert parse_report(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("md=x", "did you mean 'markdown'?"),
        ("cyclonedex=x", "did you mean 'cyclonedx'?"),
        ("cdx=x", "did you mean 'cyclonedx'?"),
        ("junit-xml=x", "did you mean 'junit'?"),
        ("sarfi=x.json", "did you mean 'sarif'?"),
        ("report.pdf", "its ending is not that of a report"),
        ("junit=", "expected a file"),
    ],
)
def test_an_unknown_format_is_refused_with_a_list_of_formats(given: str, expected: str) -> None:
    with pytest.raises(ValueError, match=re.escape(expected)):
        parse_report(given)
