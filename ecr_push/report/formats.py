"""The reports that there are, by the name and by the file endings that a user writes.

Light, because the command line's settings are checked with it: a report is loaded when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ecr_push.outcome import Outcome


@dataclass(frozen=True)
class Format:
    """A report: the module of this package that makes it, the endings that mean it, and its function.

    handover: another step acts on it, so that an earlier run's must not outlive the build of this one.
    """

    module: str
    endings: tuple[str, ...] = ()
    function: str = "render"
    handover: bool = False

    def render(self, outcome: Outcome) -> str:
        """The report; "" where there is to be no file."""
        found = getattr(import_module(f"ecr_push.report.{self.module}"), self.function)
        return cast("Callable[[Outcome], str]", found)(outcome)


FORMATS = {
    "text": Format("text", (".txt",)),
    "markdown": Format("markdown", (".md",)),
    "html": Format("html", (".html",)),
    "comment": Format("markdown", function="render_comment"),
    "json": Format("document", (".json",)),
    "sarif": Format("sarif", (".sarif", ".sarif.json")),
    "junit": Format("junit", (".xml",)),
    "cyclonedx": Format("cyclonedx", (".cdx.json",)),
    "imagedefinitions": Format(
        "handover", ("imagedefinitions.json",), "render_imagedefinitions", handover=True
    ),
    "imagedetail": Format("handover", ("imageDetail.json",), "render_imagedetail", handover=True),
    "dotenv": Format("handover", (".env",), "render_dotenv", handover=True),
}
ENDINGS = tuple(end for one in FORMATS.values() for end in one.endings)


@dataclass(frozen=True)
class ReportFile:
    """A report that was asked for, and where to."""

    format: str
    path: str

    def __str__(self) -> str:
        return f"{self.format}={self.path}"


def parse_report(text: str) -> ReportFile:
    """`FORMAT=FILE`, or a FILE whose ending tells the format. Raises ValueError with what there is."""
    name, equals, path = text.partition("=")
    if equals and name in FORMATS:
        if not path:
            raise ValueError(f"{text!r}: expected a file after {name}=")
        return ReportFile(name, path)
    if equals and name.isalnum():
        import difflib

        close = difflib.get_close_matches(name, FORMATS, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"{name!r} is no report: expected one of {', '.join(FORMATS)}{hint}")
    fitting = [
        (len(end), name)
        for name, one in FORMATS.items()
        for end in one.endings
        if text.lower().endswith(end.lower())
    ]
    if not fitting:
        raise ValueError(
            f"{text!r}: its ending tells no report: expected one of {', '.join(ENDINGS)}, "
            f"or FORMAT={text} with one of {', '.join(FORMATS)}"
        )
    return ReportFile(max(fitting)[1], text)
