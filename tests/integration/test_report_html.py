"""The HTML report in a real browser: no network, no error, usable by eye, keyboard and screen reader."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from ecr_push.report import html
from tests.support import html_samples as samples
from tests.support.pages import PATIENCE_MS

# Playwright drives it; Debian's own browser is used, not one that Playwright would download.
BROWSERS = ("chromium", "google-chrome")
OPTIONS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# What makes a page slow is the number of its elements: 50 rows have some 1,000, 20,000 would have 400,000.
MOST_ELEMENTS = 5000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not path:
        pytest.fail("no browser is here: apt-get install chromium, as `make test` does")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS, timeout=PATIENCE_MS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report of each sample."""
    folder = tmp_path_factory.mktemp("reports")
    for name, make in samples.SAMPLES.items():
        (folder / f"{name}.html").write_text(html.render(make()), encoding="utf-8")
    return folder


class Reader:
    """A reader who opens a report, and the errors that the browser logged meanwhile."""

    def __init__(self, browser: Browser, folder: Path, **context: Any) -> None:
        self.context: BrowserContext = browser.new_context(**{"viewport": WIDE, **context})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self._folder = folder

    def open(self, name: str) -> Page:
        self.page.goto((self._folder / f"{name}.html").as_uri())
        return self.page

    def shown(self) -> list[str]:
        """The ids of the findings in the table."""
        return [text.split("\n")[0] for text in self.page.locator("#table tbody th.id").all_inner_texts()]


@pytest.fixture
def reader(browser: Browser, reports: Path) -> Iterator[Reader]:
    reader = Reader(browser, reports)
    yield reader
    reader.context.close()
    assert reader.complaints == []


@pytest.mark.parametrize(
    ("scheme", "viewport", "names"),
    [
        ("light", WIDE, tuple(samples.SAMPLES)),
        ("dark", WIDE, ("accepted", "refused", "no-answer", "failed", "nothing-found")),
        ("dark", NARROW, ("refused", "20000-findings")),
        ("light", NARROW, ("refused", "failed")),
    ],
    ids=["light-wide", "dark-wide", "dark-narrow", "light-narrow"],
)
def test_a_report_is_accessible_quiet_and_alone(
    browser: Browser, reports: Path, scheme: str, viewport: dict[str, int], names: tuple[str, ...]
) -> None:
    reader = Reader(browser, reports, color_scheme=scheme, viewport=viewport)
    for name in names:
        page = reader.open(name)
        if name == "refused":
            page.locator("#table .more").first.click()
            page.locator("summary").click()
        assert violations(page) == [], name
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert sideways <= 0, f"{name} scrolls sideways"
    assert {url.partition(":")[0] for url in reader.requests} <= {"file", "data"}
    assert reader.complaints == []
    reader.context.close()


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds wrong: the rule, and the first element that breaks it."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]


def test_the_theme_is_switched_and_kept(browser: Browser, reports: Path) -> None:
    reader = Reader(browser, reports, color_scheme="light")
    page = reader.open("refused")

    def background() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = background()
    page.get_by_role("button", name="Dark theme").click()
    dark = background()
    assert dark != light
    reader.open("accepted")
    assert background() == dark
    assert violations(page) == []
    page.get_by_role("button", name="Light theme").click()
    assert background() == light
    reader.context.close()


def test_findings_are_filtered_and_searched(reader: Reader) -> None:
    page = reader.open("refused")
    status = page.get_by_role("status")
    expect(status).to_have_text("23 findings.")
    page.get_by_label("Critical").check()
    expect(status).to_have_text("2 findings that match, of 23.")
    assert reader.shown() == ["CVE-2025-10001", "CVE-2025-40001"]
    page.get_by_label("High").check()
    expect(status).to_have_text("7 findings that match, of 23.")
    page.get_by_label("Decision").select_option("Refuses")
    expect(status).to_have_text("4 findings that match, of 23.")
    page.get_by_label("Fix", exact=True).select_option("None yet")
    expect(status).to_have_text("1 finding that matches, of 23.")
    assert reader.shown() == ["CVE-2025-10003"]
    page.get_by_role("button", name="Clear").click()
    expect(status).to_have_text("23 findings.")
    for words, found in (
        ("cve-2025-1000", 3),
        ("GHSA", 1),
        ("LIBSSL3", 1),
        ("dist-info", 1),
        ("crafted buffer", 1),
        ("crafted zlib", 0),
        (samples.OWN_LAYER[:30], 2),
    ):
        page.get_by_label("Search").fill(words)
        matches = "finding that matches" if found == 1 else "findings that match"
        expect(status).to_have_text(f"{found} {matches}, of 23.")
    page.get_by_label("Search").fill("nothing like this")
    expect(page.locator("#table tbody")).to_have_text("No finding matches these filters.")
    page.get_by_label("Search").fill("")
    page.get_by_label("Platform", exact=True).select_option("linux/arm64")
    expect(status).to_have_text("23 findings.")


def test_links_on_the_page_filter_the_findings(reader: Reader) -> None:
    page = reader.open("refused")
    page.get_by_role("link", name="libssl3, openssl").click()
    expect(page.get_by_role("status")).to_have_text("1 finding that matches, of 23.")
    page.get_by_role("link", name="excepted", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("1 finding that matches, of 23.")
    assert reader.shown() == ["CVE-2025-40001"]
    assert page.get_by_label("Search").input_value() == ""


def test_columns_sort_both_ways_and_say_so(reader: Reader) -> None:
    page = reader.open("refused")
    cvss = page.get_by_role("columnheader", name="CVSS")
    cvss.get_by_role("button").click()
    expect(cvss).to_have_attribute("aria-sort", "descending")
    assert reader.shown()[:2] == ["CVE-2025-10001", "CVE-2025-40001"]
    cvss.get_by_role("button").click()
    expect(cvss).to_have_attribute("aria-sort", "ascending")
    assert reader.shown()[0] == "CVE-2024-20000"
    assert page.locator("#table tbody td.score").last.inner_text() == "–"
    page.get_by_role("columnheader", name="Finding").get_by_role("button").click()
    assert page.locator("#table [aria-sort]").count() == 1
    assert reader.shown() == sorted(reader.shown())


def test_a_finding_opens_by_keyboard_alone(reader: Reader) -> None:
    page = reader.open("refused")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    stops = []
    while "more" not in stops and len(stops) < 80:
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate("(e => e.id || e.name || e.className || e.textContent)(document.activeElement)")
        )
    controls = ["text", "severity", "decision", "platform", "fix", "Clear", "Severity", "Decision", "more"]
    assert [one for one in dict.fromkeys(stops) if one in controls] == controls
    page.keyboard.press("Enter")
    button = page.locator("#table .more").first
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(button).to_be_focused()
    details = page.locator(f"#{button.get_attribute('aria-controls')}")
    expect(details).to_contain_text("A server that asks its clients for certificates")
    expect(details).to_contain_text("rule: no finding of HIGH or worse")
    expect(details.get_by_role("link")).to_have_attribute("href", "https://advisories.example/CVE-2025-10001")
    page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(details).to_have_count(0)


def test_what_is_to_be_pasted_is_copied_by_keyboard_too(browser: Browser, reports: Path) -> None:
    reader = Reader(browser, reports, permissions=["clipboard-read", "clipboard-write"])
    page = reader.open("refused")
    for name, identifier in (
        ("Copy the candidate's name", "candidate"),
        ("Copy the exceptions", "exceptions-yaml"),
        ("Copy the command", "command"),
    ):
        button = page.get_by_role("button", name=name)
        button.focus()
        page.keyboard.press("Enter")
        expect(button).to_have_text("Copied")
        expect(page.locator("#copied")).to_have_text(f"{name.replace('Copy', 'Copied')}.")
        assert (
            page.evaluate("navigator.clipboard.readText()") == page.locator(f"#{identifier}").text_content()
        )
    assert violations(page) == []
    assert reader.complaints == []
    reader.context.close()


def test_where_the_clipboard_is_closed_the_text_is_selected(browser: Browser, reports: Path) -> None:
    """As in a page over http: there is no navigator.clipboard."""
    reader = Reader(browser, reports)
    reader.page.add_init_script(
        "delete Navigator.prototype.clipboard; Document.prototype.execCommand = () => false;"
    )
    page = reader.open("refused")
    button = page.get_by_role("button", name="Copy the command")
    button.click()
    expect(button).to_have_text("Selected")
    assert page.evaluate("getSelection().toString()").startswith("ecr-push promote ")
    reader.context.close()


def test_a_narrow_screen_shows_less_and_the_details_the_rest(reader: Reader) -> None:
    page = reader.open("refused")
    page.locator("#table .more").first.click()
    for viewport, columns in ((NARROW, 3), (WIDE, 8), (NARROW, 3)):
        page.set_viewport_size(viewport)
        expect(page.locator("#table thead th:visible")).to_have_count(columns)
        expect(page.locator("#table .details td")).to_have_attribute("colspan", str(columns))
        assert page.locator("#table th.id").first.bounding_box()["width"] > 100
    expect(page.locator("#table tbody th.id").first).to_contain_text("openssl, libssl3 3.0.11-1")
    expect(page.locator("#table .details")).to_contain_text("CVSS 9.8")


def test_of_20_000_findings_only_those_that_are_shown_are_elements(reader: Reader) -> None:
    page = reader.open("20000-findings")
    elements = page.locator("*")
    assert elements.count() < MOST_ELEMENTS
    expect(page.get_by_role("status")).to_have_text("1 to 50 of 20,000 findings.")
    assert page.locator("#table tbody tr").count() == 50
    page.locator("#table th.epss button").click()
    page.get_by_label("Search").fill("package-300 ")
    expect(page.get_by_role("status")).to_contain_text("findings that match, of 20,000.")
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Last").click()
    expect(page.locator("#page")).to_have_text("Page 400 of 400")
    following = page.get_by_role("button", name="Next")
    expect(following).to_have_attribute("aria-disabled", "true")
    following.click(force=True)
    expect(page.locator("#page")).to_have_text("Page 400 of 400")
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_role("status")).to_have_text("19,901 to 19,950 of 20,000 findings.")
    assert elements.count() < MOST_ELEMENTS
    page.get_by_label("Rows").select_option("250")
    assert page.locator("#table tbody tr").count() == 250


def test_without_scripts_the_page_still_tells_everything_but_all_findings(
    browser: Browser, reports: Path
) -> None:
    reader = Reader(browser, reports, java_script_enabled=False)
    page = reader.open("20000-findings")
    expect(page.get_by_role("status")).to_have_text(
        "20,000 findings; without JavaScript the first 100 are listed."
    )
    assert len(reader.shown()) == 100
    for hidden in ("#filters", "#paging", "#theme"):
        expect(page.locator(hidden)).to_be_hidden()
    page = reader.open("refused")
    assert page.locator(".copy:visible").count() == 0
    expect(page.locator("#command")).to_contain_text("ecr-push promote ")
    reader.context.close()


def test_a_hostile_finding_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    from tests.support.html_samples import HOSTILE, full_of

    reader = Reader(browser, tmp_path)
    reader.page.on("dialog", lambda dialog: reader.complaints.append(dialog.message))
    for number, text in enumerate(HOSTILE):
        (tmp_path / f"{number}.html").write_text(html.render(full_of(text)), encoding="utf-8")
        page = reader.open(str(number))
        page.locator("#table .more").click()
        expect(page.locator("#table .details")).to_be_visible()
        assert page.locator("img, main script, a[href^='javascript']").count() == 0
    assert reader.complaints == []
    reader.context.close()


def test_the_policy_of_the_page_stops_a_script_that_is_not_its_own(
    browser: Browser, reports: Path, tmp_path: Path
) -> None:
    text = (reports / "refused.html").read_text(encoding="utf-8")
    assert "</main>" in text
    bad = text.replace("</main>", "<script>document.title = 'taken over'</script></main>")
    (tmp_path / "bad.html").write_text(bad, encoding="utf-8")
    reader = Reader(browser, tmp_path)
    page = reader.open("bad")
    assert page.title() == "Refused: team/app 1.4.2 – ecr-push"
    assert "Content Security Policy" in " ".join(reader.complaints)
    reader.context.close()


def test_on_paper_are_the_findings_and_no_controls(reader: Reader) -> None:
    page = reader.open("20000-findings")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#table tbody tr").count() == 1000
    for hidden in ("#filters", "#paging", "#theme", "main > nav[aria-label='On this page']"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#table tbody tr").count() == 50
