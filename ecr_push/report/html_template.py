"""The template of the HTML report, ready to render. A bundle has its code in the place of this module."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, Template


def load(environment: Environment, read: Callable[[str], str]) -> Template:
    """Compiles the template, two thirds of the time of a page. read: gives the text of a file of `page/`."""
    return environment.from_string(read("page.html.j2"))
