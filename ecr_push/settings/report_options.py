"""The options that say what is written about a run, and where."""

from __future__ import annotations

from typing import Annotated, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import (
    ALL_REPOSITORIES,
    COPYING,
    HOW_TO_RUN,
    REPORTING,
    REPOSITORIES,
    UPKEEP,
    Parsed,
    matching,
    option,
)
from ecr_push.settings.report_files import ENDINGS, FORMATS, ReportFile, parse_report

Report = Annotated[ReportFile, Parsed(parse_report)]
ContainerName = Annotated[
    str, matching(r"[A-Za-z0-9_-]{1,255}", "container name", "letters, digits, _ and -")
]


@dataclass(frozen=True, eq=False, repr=False)
class ReportOptions:
    """What is written about a run."""

    output: Literal["text", "json"] = option(
        "text",
        HOW_TO_RUN,
        REPORTING
        | {"plan", "doctor", "tags", "gate", "matrix", "policy test", "policy exceptions"}
        | UPKEEP
        | REPOSITORIES
        | COPYING,
        "What standard output carries: text is URI@DIGEST, or a table; json is the result document.",
    )
    result: str = option(
        "", HOW_TO_RUN, REPORTING | {"gate"}, "Also write the result document to this file.", metavar="FILE"
    )
    reports: tuple[Report, ...] = option(
        (),
        HOW_TO_RUN,
        REPORTING,
        "Also write this report, however the run ends; may be repeated. The file's ending says which one: "
        f"{', '.join(ENDINGS)}. Or name it: {', '.join(f'{name}=FILE' for name in FORMATS)}.",
        metavar="[FORMAT=]FILE",
        key="report",
        separator="\n",
    )
    container_name: ContainerName = option(
        "",
        HOW_TO_RUN,
        REPORTING,
        "Name of the container in the ECS task definition, for --report imagedefinitions.json.",
        metavar="NAME",
        default_text="the repository's last part",
    )
    progress: Literal["auto", "plain", "quiet"] = option(
        "auto",
        HOW_TO_RUN,
        REPORTING
        | {"plan", "doctor", "login", "matrix", "policy test", "policy show", "policy exceptions", "render"}
        | UPKEEP
        | ALL_REPOSITORIES
        | COPYING,
        "Log on standard error: auto is live on a terminal.",
    )
    ci_output: Literal["auto", "none"] = option(
        "auto",
        HOW_TO_RUN,
        REPORTING
        | {"plan", "doctor", "tags", "login", "matrix", "render"}
        | {"policy test", "policy show", "policy exceptions"}
        | UPKEEP
        | ALL_REPOSITORIES
        | COPYING,
        "Whether to write CI-specific output: on GitHub, outputs, job summary, annotations, log groups and "
        "masks.",
    )
