"""The exceptions of policies as one page: no script, no network, light and dark. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.pipeline.listed_exceptions import ListedExceptions
from ecr_push.policy.model import PolicyException
from ecr_push.report.exceptions_text import left, row, summary
from ecr_push.report.plain_page import escaped, page

_STYLE = """
.exceptions th[scope="row"] { overflow-wrap: anywhere; min-width: 12rem; }
.exceptions td, .exceptions th { vertical-align: top; } .exceptions .date { white-space: nowrap; }
"""
_HEADS = ("Ends", "Left", "Exception", "Owner", "Reason", "Where")


def render(listed: ListedExceptions) -> str:
    """The same list gives the same page."""
    needs = listed.count("ended") + listed.count("soon")
    title = "Exceptions that need a decision" if needs else "Exceptions"
    return (
        "\n".join(page(title, "policy exceptions", listed.at, _STYLE, _content(listed, title, needs))) + "\n"
    )


def _content(listed: ListedExceptions, title: str, needs: int) -> Iterator[str]:
    tone = "unsure" if needs else "good"
    yield f'<section class="verdict" data-tone="{tone}" aria-labelledby="title">'
    yield f'<h1 id="title">{title}</h1>'
    yield f'<p class="summary">{escaped(summary(listed))}</p>'
    if listed.policies:
        yield f'<p class="muted">{escaped(", ".join(listed.policies))}</p>'
    yield "</section>"
    if listed.found:
        yield '<section aria-labelledby="all"><h2 id="all">By their end</h2>'
        yield '<div class="scroll" tabindex="0" role="region" aria-label="Exceptions by their end">'
        yield '<table class="exceptions"><thead><tr>'
        yield "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
        yield "</tr></thead><tbody>"
        yield from (_row(one, listed) for one in listed.found)
        yield "</tbody></table></div></section>"
    yield '<section aria-labelledby="about"><h2 id="about">What this shows</h2><ul>'
    yield "<li>All exceptions of these policies and of those that they extend, used by an image or not."
    yield " <code>ecr-push status</code> shows those that released images have used.</li>"
    yield "<li>An exception applies to the end of its day, in UTC. After that its finding counts again.</li>"
    yield "</ul></section>"


def _row(one: PolicyException, listed: ListedExceptions) -> str:
    ends, _, what, owner, where = row(one, listed)
    shown = f'<time datetime="{ends}">{ends}</time>' if one.until else escaped(ends)
    tone = ' class="unsure"' if listed.state(one) in ("ended", "soon") else ""
    cells = [
        f'<td class="date">{shown}</td>',
        f"<td{tone}>{escaped(left(listed.days_left(one)))}</td>",
        f'<th scope="row">{escaped(what)}</th>',
        f"<td>{escaped(owner)}</td>",
        f"<td>{escaped(one.reason or '-')}</td>",
        f"<td>{escaped(where)}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"
