"""The frame of a page without a script: one file, no network, light and dark. Pure.

The style is the page's own and that of the HTML report; its policy allows nothing else to be loaded.
"""

from __future__ import annotations

import base64
import hashlib
import html
import pkgutil
from collections.abc import Iterable, Iterator
from datetime import datetime

from ecr_push.report.escape import one_line


def page(title: str, mark: str, now: datetime, style: str, content: Iterable[str]) -> Iterator[str]:
    """Its lines. mark: the command, after the tool's name. content: of `main`, as HTML."""
    css = _asset("page.css") + style
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{escaped(title)} – ecr-push</title>"
    yield f"<style>{css}</style>"
    yield "</head>"
    yield "<body>"
    yield f'<header class="page"><p class="mark">ecr-push <span>{escaped(mark)}</span></p>'
    yield f'<p class="when"><time datetime="{now.isoformat()}">{now:%Y-%m-%d %H:%M %Z}</time></p></header>'
    yield "<main>"
    yield from content
    yield "</main>"
    yield '<footer class="page"><p>Made by ecr-push.</p></footer>'
    yield "</body>"
    yield "</html>"


def escaped(text: str) -> str:
    return html.escape(one_line(text))


def _asset(name: str) -> str:
    content = pkgutil.get_data("ecr_push.report", f"page/{name}")
    assert content is not None  # noqa: S101 - every loader of ours reads data
    return content.decode()
