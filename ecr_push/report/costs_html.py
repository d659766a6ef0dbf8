"""What repositories cost, as one page with a chart: no script, no network, light and dark. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime

from ecr_push.report.costs_text import money, sentences_of, shown_kinds, size
from ecr_push.report.plain_page import escaped, page
from ecr_push.upkeep.costs.model import KINDS, Costs, RepositoryCosts

_WIDTH = 1000  # of a whole bar, in SVG units
_LEAST = 4  # of a part that is there at all
# Colours of the page's own style, which have 3:1 against the page and differ in both themes.
_STYLE = """
.bar .storage { fill: var(--low); } .bar .archive { fill: var(--other); } .bar .copies { fill: var(--good); }
.bar .transfer { fill: var(--medium); } .bar .scans { fill: var(--high); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; margin: 0 0 1rem; padding: 0; list-style: none; }
.legend svg { width: .8em; height: .8em; margin-right: .45em; display: inline-block; }
.costs .drawn { width: 30%; min-width: 8rem; } .costs th[scope="row"] { overflow-wrap: anywhere; }
.costs th, .costs td { vertical-align: middle; }
.costs tfoot > tr > * { border-bottom: 0; font-weight: 650; }
"""


def render(found: Costs, now: datetime) -> str:
    """The same costs at the same time give the same page."""
    title = f"{_amount(found)} a month"
    return "\n".join(page(title, "costs", now, _STYLE, _content(found))) + "\n"


def _amount(found: Costs) -> str:
    return f"{money(found.total)} {found.prices.currency}"


def _content(found: Costs) -> Iterator[str]:
    number = len(found.repositories)
    yield '<section class="verdict" data-tone="plain" aria-labelledby="amount">'
    yield f'<h1 id="amount">{escaped(_amount(found))} a month</h1>'
    repositories = "1 repository" if number == 1 else f"{number:,} repositories"
    saving = f" A lifecycle policy saves {money(found.saving)} of it." if found.saving else ""
    yield f'<p class="summary">{repositories}, as they are now.{saving}</p>'
    yield "</section>"
    if found.repositories:
        yield from _chart(found)
    yield '<section aria-labelledby="about"><h2 id="about">What is counted</h2><ul>'
    yield from (f"<li>{escaped(sentence)}</li>" for sentence in sentences_of(found))
    yield "</ul></section>"


def _chart(found: Costs) -> Iterator[str]:
    kinds = shown_kinds(found)
    most = max(one.total for one in found.repositories)
    saves = any(one.saving for one in found.repositories)
    yield '<section aria-labelledby="repositories"><h2 id="repositories">By repository</h2>'
    yield '<ul class="legend">'
    for kind in kinds:
        mark = _svg(f'<rect class="fill {kind}" width="10" height="10"/>', "0 0 10 10")
        yield f"<li>{mark}{kind}: {KINDS[kind]}</li>"
    yield "</ul>"
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Costs of each repository">'
    yield '<table class="costs">'
    heads = "".join(f'<th scope="col" class="number">{kind.capitalize()}</th>' for kind in kinds)
    last = '<th scope="col" class="number">Policy saves</th>' if saves else ""
    yield '<thead><tr><th scope="col">Repository</th><th scope="col" class="drawn">'
    yield '<span class="unseen">Share of the most expensive one</span></th>'
    yield '<th scope="col" class="number">Images</th><th scope="col" class="number">Size</th>'
    yield f'{heads}<th scope="col" class="number">A month</th>{last}</tr></thead>'
    yield "<tbody>"
    for one in found.repositories:
        saving = _number(money(one.saving.amount) if one.saving else "–") if saves else ""
        yield (
            f'<tr><th scope="row">{escaped(one.name)}</th><td class="drawn">{_bar(one, kinds, most)}</td>'
            f"{_number(f'{one.images:,}')}{_number(_size(one))}"
            f"{''.join(_number(money(one.amounts[kind])) for kind in kinds)}"
            f"{_number(money(one.total))}{saving}</tr>"
        )
    yield "</tbody><tfoot>"
    amounts = "".join(_number(money(found.amount(kind))) for kind in kinds)
    images = sum(one.images for one in found.repositories)
    whole = size(sum(one.bytes + one.archived_bytes for one in found.repositories))
    saving = _number(money(found.saving)) if saves else ""
    yield f'<tr><th scope="row">Total</th><td></td>{_number(f"{images:,}")}{_number(whole)}{amounts}'
    yield f"{_number(money(found.total))}{saving}</tr></tfoot></table></div></section>"


def _bar(one: RepositoryCosts, kinds: list[str], most: float) -> str:
    parts, begin = ['<rect class="track" width="1000" height="14"/>'], 0
    for kind in kinds:
        amount = one.amounts[kind]
        width = max(round(_WIDTH * amount / most), _LEAST) if amount and most else 0
        width = min(width, _WIDTH - begin)
        if width:
            parts.append(f'<rect class="fill {kind}" x="{begin}" width="{width}" height="14"/>')
            begin += width
    return _svg("".join(parts), "0 0 1000 14")


def _svg(content: str, box: str) -> str:
    about = 'preserveAspectRatio="none" aria-hidden="true" focusable="false"'
    return f'<svg class="bar" viewBox="{box}" {about}>{content}</svg>'


def _size(one: RepositoryCosts) -> str:
    return ("" if one.layers_read else "≤ ") + size(one.bytes + one.archived_bytes)


def _number(text: str) -> str:
    return f'<td class="number">{html.escape(text)}</td>'
