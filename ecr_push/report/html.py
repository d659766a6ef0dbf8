"""Outcome -> one HTML file, which opens offline, uses no network and runs only its own script. Pure.

Untrusted text is escaped where it is written: by `clean` and autoescaping in the template, by
`html_rows.dump` for the script, which adds it to the page only as text.
"""

from __future__ import annotations

import base64
import hashlib
import pkgutil
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import Treatment
from ecr_push.report import advice, html_charts, html_rows, html_template, html_updates, html_view
from ecr_push.report.destinations_text import state
from ecr_push.report.html_rows import Row
from ecr_push.report.next_steps import next_steps

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from markupsafe import Markup

# How many rows the table has without JavaScript.
ROWS_WITHOUT_SCRIPT = 100
SHOWN_REFUSING = 5  # above the table of all findings
SHOWN_EXCEPTIONS = 50

_ABOUT = {
    Treatment.REFUSES: "breaks a rule of the policy",
    Treatment.COUNTED: "counted, within what a rule allows",
    Treatment.KNOWN: "the baseline image also has it",
    Treatment.BELOW: "no rule counts such findings",
    Treatment.OUT_OF_SCOPE: "the policy excludes its package, path or layer, or it has no fix",
    Treatment.EXCEPTED: "an exception of the policy accepts it",
    Treatment.NOT_AFFECTED: "a VEX document says that the image is not affected",
    None: "the run ended before the policy was applied",
}


def render(outcome: Outcome) -> str:
    """Returns the page. The same outcome gives the same page."""
    rows = html_rows.make_rows(outcome)
    updates = html_updates.find_updates(rows)
    now = html_view.last_moment(outcome)
    base_layers = outcome.verdict.base_layers if outcome.verdict else frozenset[str]()
    css, theme, script = (asset(name) for name in ("page.css", "theme.js", "page.js"))
    return _template().render(
        outcome=outcome,
        verdict=outcome.verdict,
        headline=html_view.headline(outcome, rows),
        subject=advice.subject(outcome),
        steps=next_steps(outcome, SHOWN_EXCEPTIONS) if not advice.went_well(outcome) else None,
        about_image=advice.size_and_platform(outcome),
        superseded=advice.SUPERSEDED,
        read=advice.what_was_read(outcome),
        refusing=_refusing(rows, outcome),
        more_refusing=sum(row.refuses for row in rows) - SHOWN_REFUSING,
        tags=html_view.tag_lines(outcome),
        destinations=[(one, state(one)) for one in outcome.destinations],
        replicas=[(one.name, one.words) for one in outcome.replicas],
        now=now,
        updates=updates,
        rows=rows,
        columns=_columns(rows),
        platforms=_platforms(rows),
        without_script=ROWS_WITHOUT_SCRIPT,
        decisions=_decisions(rows),
        severities=html_charts.severity_bars(rows),
        share=html_charts.severity_share(rows),
        ages=html_charts.age_bars(rows, now),
        phases=html_charts.timeline(outcome.seconds),
        exceptions=html_view.exceptions_by_need(outcome.verdict),
        layers=html_view.find_layers(rows, base_layers),
        base_layers=base_layers,
        layer_severities=_severities(row.finding.severity for row in rows if row.layers),
        seen_severities=_severities(
            severity for scan in outcome.scan.platforms for severity, count in scan.counts.items() if count
        )
        if outcome.scan
        else [],
        changes=html_view.find_changes(rows),
        unlisted=html_view.unlisted(outcome),
        content_policy=_content_policy((css,), (theme, script)),
        css=_ours(css),
        theme=_ours(theme),
        script=_ours(script),
        data=_ours(html_rows.dump(rows, base_layers)),
    )


def _refusing(rows: Sequence[Row], outcome: Outcome) -> list[tuple[Row, tuple[str, ...]]]:
    """Returns the first findings that refuse, with the places of their packages."""
    return [(row, advice.places(row.packages, outcome)) for row in rows[:SHOWN_REFUSING] if row.refuses]


def _columns(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Returns the table's columns (name in the script, heading), without those that have no values."""
    found = [("severity", "Severity"), ("id", "Finding"), ("package", "Package"), ("fixed", "Fixed in")]
    if any(row.finding.score is not None for row in rows):
        found.append(("score", "CVSS"))
    if any(row.finding.epss is not None for row in rows):
        found.append(("epss", "EPSS"))
    if len(_platforms(rows)) > 1:
        found.append(("platforms", "Platform"))
    return [*found, ("decision", "Decision")]


def _severities(found: Iterable[Severity]) -> list[Severity]:
    """Returns the columns of a table of counts: the usual severities, and what else was found."""
    return sorted({*html_charts.ALWAYS_SHOWN, *found}, reverse=True)


def _platforms(rows: Sequence[Row]) -> list[str]:
    return sorted({platform for row in rows for platform in row.platforms})


def _decisions(rows: Sequence[Row]) -> list[tuple[str, str, int]]:
    """Returns each decision of the policy: in one word, in words, and for how many findings."""
    counts = Counter(row.treatment for row in rows)
    return [(word, _ABOUT[one], counts[one]) for one, word in html_rows.DECISIONS.items() if counts[one]]


def _content_policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """Returns the Content-Security-Policy, which allows only the page's own script and style.

    `data:` images are for the icon in the browser's tab. https://www.w3.org/TR/CSP3/
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hashes(scripts)}",
            f"style-src {_hashes(styles)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hashes(texts: Iterable[str]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


@cache
def asset(name: str) -> str:
    """Returns the text of a file of `page/`."""
    # importlib.resources would list a whole archive for each of them.
    content = pkgutil.get_data("ecr_push.report", f"page/{name}")
    assert content is not None  # noqa: S101 - every loader of ours reads data
    return content.decode()


@cache
def _template() -> Template:
    return html_template.load(environment(), asset)


def environment() -> Environment:
    """What the template's code is compiled with, and works in."""
    from jinja2 import Environment, StrictUndefined

    made = Environment(
        keep_trailing_newline=True,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        capital=html_view.capital,
        date=html_rows.date,
        pieces=html_view.pieces,
        plural=html_view.plural,
        sentence=html_view.sentence,
        url=html_rows.safe_url,
    )
    return made


def _ours(text: str) -> Markup:
    """Marks text as safe for the template: our own files, and JSON that is safe within a script."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704


def _printable(value: Any) -> Any:
    """Cleans every value that the template prints, except Markup, which is our own."""
    return html_rows.clean(value) if type(value) is str else value
