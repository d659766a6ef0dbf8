"""The formats of reports, by their names and by the file endings that mean them.

Light: the command line imports it for `--help`. `report/formats.py` and `delivery/` make the reports.
"""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.suggest import did_you_mean

# A format, and the file endings that mean it.
FORMATS: dict[str, tuple[str, ...]] = {
    "text": (".txt",),
    "markdown": (".md",),
    "html": (".html",),
    "comment": (),
    "json": (".json",),
    "sarif": (".sarif", ".sarif.json"),
    "junit": (".xml",),
    "cyclonedx": (".cdx.json",),
    "imagedefinitions": ("imagedefinitions.json",),
    "imagedetail": ("imageDetail.json",),
    "dotenv": (".env",),
}
ENDINGS = tuple(end for endings in FORMATS.values() for end in endings)


@dataclass(frozen=True)
class ReportFile:
    """A report that the user wants, and its file."""

    format: str
    path: str

    def __str__(self) -> str:
        return f"{self.format}={self.path}"


def parse_report(text: str) -> ReportFile:
    """`FORMAT=FILE`, or a FILE whose ending means a format. Raises ValueError, which names the formats."""
    name, equals, path = text.partition("=")
    if equals and name in FORMATS:
        if not path:
            raise ValueError(f"{text!r}: expected a file after {name}=")
        return ReportFile(name, path)
    hint = did_you_mean(_by_ending(name), FORMATS) if equals else ""
    if equals and name.isalnum():
        raise _no_format(name, hint)
    fitting = [
        (len(end), name)
        for name, endings in FORMATS.items()
        for end in endings
        if text.lower().endswith(end.lower())
    ]
    if not fitting and hint:
        raise _no_format(name, hint)
    if not fitting:
        raise ValueError(
            f"{text!r}: its ending is not that of a report: expected one of {', '.join(ENDINGS)}, "
            f"or FORMAT={text} with one of {', '.join(FORMATS)}"
        )
    return ReportFile(max(fitting)[1], text)


def _by_ending(name: str) -> str:
    """The format whose files end so, as `md` and `cdx`; name itself where none does."""
    start = f".{name.lower()}."
    return next(
        (one for one, endings in FORMATS.items() if any(f"{end}.".startswith(start) for end in endings)), name
    )


def _no_format(name: str, hint: str) -> ValueError:
    return ValueError(f"{name!r} is not a report format: expected one of {', '.join(FORMATS)}{hint}")
