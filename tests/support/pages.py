"""A page in a real browser: nothing that axe finds, and nothing that moves sideways."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page, sync_playwright

PATIENCE_MS = 120_000.0  # ends what hangs, and nothing that is slow
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def looked_at(page: Path) -> Iterator[Page]:
    """The page in both themes and on a phone, when it was looked at. Nothing else may be asked for."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "no browser is here: apt-get install chromium, as `make test` does"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--disable-gpu"], timeout=PATIENCE_MS
        )
        for scheme, width in (("light", 1280), ("dark", 1280), ("dark", 390)):
            viewport = {"width": width, "height": 900}
            context = browser.new_context(color_scheme=scheme, viewport=viewport)  # type: ignore[arg-type]
            shown = context.new_page()
            shown.set_default_timeout(PATIENCE_MS)
            complaints: list[str] = []
            requests: list[str] = []
            shown.on("console", lambda message, to=complaints: to.append(message.text))
            shown.on("request", lambda request, to=requests: to.append(request.url))
            shown.goto(page.as_uri())
            assert shown.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            assert complaints == []
            assert requests == [page.as_uri()]
            yield shown
            shown.evaluate(AXE)
            found = shown.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
            context.close()
        browser.close()
