"""The report as one HTML file: it opens offline, asks no network, and runs no script but its own.

Everything from outside is escaped where it is written: `clean` and autoescaping for what the template
prints, `html_rows.dump` for what the script reads, which puts it on the page as text alone.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import Treatment
from ecr_push.report import html_charts, html_rows, html_updates, html_view
from ecr_push.report.html_rows import Row

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

# What is in the table before the script takes over, and all that there is without it.
ROWS_WITHOUT_SCRIPT = 100

_ABOUT = {
    Treatment.REFUSES: "breaks a rule of the policy",
    Treatment.COUNTED: "counted, within what a rule allows",
    Treatment.KNOWN: "the baseline image has it too",
    Treatment.BELOW: "no rule counts findings like it",
    Treatment.OUT_OF_SCOPE: "the policy leaves its package, path or layer out, or it has no fix",
    Treatment.EXCEPTED: "an exception of the policy holds for it",
    Treatment.NOT_AFFECTED: "a VEX document says that the image is not affected",
    None: "the run ended before the policy was applied",
}


def render(outcome: Outcome) -> str:
    """The whole page. The same outcome gives the same page."""
    rows = html_rows.make_rows(outcome)
    updates = html_updates.find_updates(rows)
    now = html_view.last_moment(outcome)
    base_layers = outcome.verdict.base_layers if outcome.verdict else frozenset[str]()
    css, theme, script = (_asset(name) for name in ("page.css", "theme.js", "page.js"))
    return _template().render(
        outcome=outcome,
        verdict=outcome.verdict,
        headline=html_view.headline(outcome, rows, updates),
        tags=html_view.tag_lines(outcome),
        now=now,
        updates=updates,
        rows=rows,
        columns=_columns(rows),
        platforms=_platforms(rows),
        without_script=ROWS_WITHOUT_SCRIPT,
        decisions=_decisions(rows),
        severities=html_charts.severity_bars(rows),
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
        data=_ours(html_rows.dump(rows)),
    )


def _columns(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The table's columns, by the script's name and ours: only what tells one row from another."""
    found = [("severity", "Severity"), ("id", "Finding"), ("package", "Package"), ("fixed", "Fixed in")]
    if any(row.finding.score is not None for row in rows):
        found.append(("score", "CVSS"))
    if any(row.finding.epss is not None for row in rows):
        found.append(("epss", "EPSS"))
    if len(_platforms(rows)) > 1:
        found.append(("platforms", "Platform"))
    return [*found, ("decision", "Decision")]


def _severities(found: Iterable[Severity]) -> list[Severity]:
    """The columns of a table that counts: those that everybody knows, and what else was found."""
    return sorted({*html_charts.ALWAYS_SHOWN, *found}, reverse=True)


def _platforms(rows: Sequence[Row]) -> list[str]:
    return sorted({platform for row in rows for platform in row.platforms})


def _decisions(rows: Sequence[Row]) -> list[tuple[str, str, int]]:
    """What the policy decided: in a word, in words, and on how many."""
    counts = Counter(row.treatment for row in rows)
    return [(word, _ABOUT[one], counts[one]) for one, word in html_rows.DECISIONS.items() if counts[one]]


def _content_policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """The page may do nothing but what is written in it: https://www.w3.org/TR/CSP3/

    `data:` images are for the page's own icon, in the browser's tab.
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
def _asset(name: str) -> str:
    return (resources.files("ecr_push.report") / "page" / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        keep_trailing_newline=True,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        capital=html_view.capital,
        date=html_rows.date,
        plural=html_view.plural,
        sentence=html_view.sentence,
        url=html_rows.safe_url,
    )
    return environment.from_string(_asset("page.html.j2"))


def _ours(text: str) -> Markup:
    """What the template prints as it is: our own files, and JSON that was made to stand in a script."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704


def _printable(value: Any) -> Any:
    """Every value that the template prints comes through here. Markup is what we have made ourselves."""
    return html_rows.clean(value) if type(value) is str else value
