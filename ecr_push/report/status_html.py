"""The status of repositories as one page: no script, no network, light and dark. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ecr_push.base.severity import Severity
from ecr_push.pipeline.status.model import ImageStatus, RepositoryStatus, Status
from ecr_push.report.plain_page import escaped, page
from ecr_push.report.status_text import age, counted, summary

_STYLE = """
.status th[scope="row"] { overflow-wrap: anywhere; min-width: 9rem; }
.status td, .status th { vertical-align: top; }
.status .named { min-width: 8rem; } .status code { white-space: nowrap; }
.status .verdict-word { font-weight: 650; } .status .good { color: var(--good); }
"""
_BARS = (
    (Severity.CRITICAL, "critical"),
    (Severity.HIGH, "high"),
    (Severity.MEDIUM, "medium"),
    (Severity.LOW, "low"),
)
_WIDTH = 100


def render(status: Status) -> str:
    """The same status gives the same page."""
    title = "Needs a look" if status.needs_a_look else "As it was judged"
    return "\n".join(page(title, "status", status.at, _STYLE, _content(status, title))) + "\n"


def _content(status: Status, title: str) -> Iterator[str]:
    tone = "unsure" if status.needs_a_look else "good"
    yield f'<section class="verdict" data-tone="{tone}" aria-labelledby="title">'
    yield f'<h1 id="title">{title}</h1>'
    yield f'<p class="summary">{escaped(summary(status))}</p>'
    yield f'<p class="muted">Registry {escaped(status.account)} in {escaped(status.region)}</p>'
    yield "</section>"
    if status.needs_a_look:
        yield from _list(status)
    if status.repositories:
        yield from _table(status)
    yield '<section aria-labelledby="about"><h2 id="about">What this shows</h2><ul>'
    yield "<li>The images that floating tags point to, such as <code>latest</code> and <code>1.4</code>.</li>"
    yield "<li>The verdict is that of the newest statement in the registry. No signature is verified here:"
    yield " <code>ecr-push verify</code> does that, before a deployment.</li>"
    yield "<li>New is what the scan of today has more than the one that was judged.</li>"
    yield "</ul></section>"


def _list(status: Status) -> Iterator[str]:
    yield '<section aria-labelledby="look"><h2 id="look">Look at</h2><ul class="to-do">'
    for place, one in enumerate(status.repositories):
        if not one.needs_a_look:
            continue
        yield f'<li><a href="#r{place}">{escaped(one.name)}</a>'
        reasons = [one.unread] if one.unread else []
        reasons += [f"{', '.join(image.tags)}: {why.text}" for image in one.images for why in image.reasons]
        yield f"<ul>{''.join(f'<li>{escaped(reason)}</li>' for reason in reasons)}</ul></li>"
    yield "</ul></section>"


def _table(status: Status) -> Iterator[str]:
    yield '<section aria-labelledby="repositories"><h2 id="repositories">By repository</h2>'
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Images of each repository">'
    yield '<table class="status"><thead><tr>'
    heads = ("Repository", "Tags", "Version", "Digest", "Pushed", "Verdict", "Judged", "Findings", "New")
    yield "".join(f'<th scope="col">{head}</th>' for head in heads)
    yield "</tr></thead>"
    for place, one in enumerate(status.repositories):
        yield f'<tbody id="r{place}">'
        if one.unread or not one.images:
            why = f"It could not be read: {one.unread}" if one.unread else "No tag that floats."
            tone = ' class="unsure"' if one.unread else ""
            cell = f'<td colspan="8"{tone}>{escaped(why)}</td>'
            yield f'<tr><th scope="row">{escaped(one.name)}</th>{cell}</tr>'
        for image in one.images:
            yield _row(one, image, status.at)
        if one.left_out:
            yield (
                f'<tr><th scope="row">{escaped(one.name)}</th>'
                f'<td colspan="8" class="muted">{one.left_out} more images have floating tags.</td></tr>'
            )
        yield "</tbody>"
    yield "</table></div></section>"


def _row(one: RepositoryStatus, image: ImageStatus, now: datetime) -> str:
    verdict = image.verdict
    word = "no statement"
    tone = "unsure"
    if verdict:
        word, tone = verdict.word, "good" if verdict.word == "accepted" else "unsure"
    new = counted(image.new, plus=True) if verdict and image.counts is not None else "–"
    is_new = any(image.new.values()) if verdict else False
    judged_at = age(verdict.scanned_at, now) if verdict and verdict.scanned_at else "–"
    cells = [
        f'<th scope="row">{escaped(one.name)}</th>',
        f'<td class="named">{escaped(", ".join(image.tags))}</td>',
        f"<td>{escaped(image.title or '–')}</td>",
        f'<td><code title="{image.digest.value}">{image.digest.short}</code></td>',
        f"<td>{_moment(image.pushed_at, age(image.pushed_at, now))}</td>",
        f'<td class="verdict-word {tone}">{escaped(word)}</td>',
        f"<td>{_moment(verdict.scanned_at if verdict else None, judged_at)}</td>",
        f"<td>{_bar(image)}{escaped(counted(image.counts))}</td>",
        f"<td{' class=' + chr(34) + 'unsure' + chr(34) if is_new else ''}>{escaped(new)}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _moment(at: datetime | None, text: str) -> str:
    if at is None:
        return escaped(text)
    return f'<time datetime="{at.isoformat()}" title="{at:%Y-%m-%d %H:%M %Z}">{escaped(text)}</time>'


def _bar(image: ImageStatus) -> str:
    """How the findings are divided; the text beside it says the same."""
    counts = image.counts or {}
    total = sum(counts.get(severity, 0) for severity, _ in _BARS)
    if not total:
        return ""
    parts, begin = [], 0.0
    for severity, name in _BARS:
        width = _WIDTH * counts.get(severity, 0) / total
        if width:
            parts.append(f'<rect class="fill {name}" x="{begin:.2f}" width="{width:.2f}" height="6"/>')
            begin += width
    about = 'preserveAspectRatio="none" aria-hidden="true" focusable="false"'
    return f'<svg class="bar" viewBox="0 0 {_WIDTH} 6" {about}>{"".join(parts)}</svg>'
