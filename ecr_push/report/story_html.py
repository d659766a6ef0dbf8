"""The story of an image as one page: no script, no network, light and dark. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ecr_push.pipeline.story.model import KINDS, Entry, Story
from ecr_push.report.plain_page import escaped, page
from ecr_push.report.story_text import caller

_STYLE = """
.story time { white-space: nowrap; } .story td, .story th { vertical-align: top; }
.story .judged { color: var(--good); } .story .deleted, .story .expired { color: var(--bad); }
.story .left { color: var(--unsure); } .story .note { display: block; color: var(--unsure); }
.about { overflow-wrap: anywhere; } .about dt { float: left; clear: left; width: 6rem; color: var(--muted); }
.about dd { margin: 0 0 .3rem 6rem; }
"""


def render(story: Story, now: datetime) -> str:
    """The same story at the same time gives the same page."""
    return "\n".join(page(_title(story), "audit", now, _STYLE, _content(story))) + "\n"


def _title(story: Story) -> str:
    name = story.image.partition("@")[0].rpartition("/")[2]
    return f"{name} {story.version}".strip()


def _content(story: Story) -> Iterator[str]:
    noted = sum(bool(one.note) for one in story.entries)
    tone = "unsure" if noted else "plain"
    yield f'<section class="verdict" data-tone="{tone}" aria-labelledby="title">'
    yield f'<h1 id="title">{escaped(_title(story))}</h1>'
    known = f"{len(story.entries)} things are" if len(story.entries) != 1 else "1 thing is"
    yield f'<p class="summary">{known} known to have happened to this image.</p>'
    yield '<dl class="about">'
    yield f'<dt>Image</dt><dd><code class="whole">{escaped(story.image)}</code></dd>'
    if story.commit:
        yield f'<dt>Commit</dt><dd><code class="whole">{escaped(story.commit)}</code></dd>'
    yield f"<dt>Tags now</dt><dd>{escaped(', '.join(story.tags)) or 'none'}</dd>"
    yield "</dl></section>"
    if story.entries:
        yield from _table(story)
    if story.unread:
        yield '<section aria-labelledby="unread"><h2 id="unread">Not read</h2><ul>'
        yield from (f"<li>{escaped(one)}</li>" for one in story.unread)
        yield "</ul></section>"


def _table(story: Story) -> Iterator[str]:
    yield '<section aria-labelledby="events"><h2 id="events">What happened</h2>'
    yield '<div class="scroll" tabindex="0" role="region" aria-label="What happened to the image">'
    yield '<table class="story"><thead><tr>'
    yield "".join(f'<th scope="col">{head}</th>' for head in ("Time (UTC)", "Event", "What", "By"))
    yield "</tr></thead><tbody>"
    yield from map(_row, story.entries)
    yield "</tbody></table></div></section>"
    kinds = dict.fromkeys(one.kind for one in story.entries)
    yield '<section aria-labelledby="words"><h2 id="words">Words</h2><ul>'
    yield from (f"<li><b>{kind}</b>: {escaped(KINDS[kind])}</li>" for kind in kinds)
    yield "</ul></section>"


def _row(one: Entry) -> str:
    note = f'<span class="note">{escaped(one.note)}</span>' if one.note else ""
    return (
        f'<tr><td><time datetime="{one.at.isoformat()}">{one.at:%Y-%m-%d %H:%M:%S}</time></td>'
        f'<th scope="row" class="{one.kind}">{one.kind}</th><td>{escaped(one.what)}{note}</td>'
        f"<td>{escaped(caller(one)) or '–'}</td></tr>"
    )
