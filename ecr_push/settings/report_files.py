"""The formats of reports, by their names and by the file endings that mean them.

Light: the command line imports it for `--help`. `report/formats.py` and `delivery/` make the reports.
"""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.suggest import did_you_mean


@dataclass(frozen=True)
class ReportFormat:
    """One format. endings: the file endings that mean it.

    handover: another step deploys from the file, and has no use for the findings.
    """

    endings: tuple[str, ...] = ()
    handover: bool = False


FORMATS = {
    "text": ReportFormat((".txt",)),
    "markdown": ReportFormat((".md",)),
    "html": ReportFormat((".html",)),
    "comment": ReportFormat(),
    "json": ReportFormat((".json",)),
    "sarif": ReportFormat((".sarif", ".sarif.json")),
    "junit": ReportFormat((".xml",)),
    "cyclonedx": ReportFormat((".cdx.json",)),
    "imagedefinitions": ReportFormat(("imagedefinitions.json",), handover=True),
    "imagedetail": ReportFormat(("imageDetail.json",), handover=True),
    "dotenv": ReportFormat((".env",), handover=True),
}
ENDINGS = tuple(end for one in FORMATS.values() for end in one.endings)


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
    if equals and name.isalnum():
        by_ending = next((one for one, about in FORMATS.items() if f".{name.lower()}" in about.endings), name)
        hint = did_you_mean(by_ending, FORMATS)
        raise ValueError(f"{name!r} is not a report format: expected one of {', '.join(FORMATS)}{hint}")
    fitting = [
        (len(end), name)
        for name, one in FORMATS.items()
        for end in one.endings
        if text.lower().endswith(end.lower())
    ]
    if not fitting:
        raise ValueError(
            f"{text!r}: its ending is not that of a report: expected one of {', '.join(ENDINGS)}, "
            f"or FORMAT={text} with one of {', '.join(FORMATS)}"
        )
    return ReportFile(max(fitting)[1], text)
