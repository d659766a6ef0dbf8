"""Outcome -> what GitHub Actions takes: the step's outputs, the job's summary, annotations. Pure.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ecr_push.base.errors import BuildError
from ecr_push.base.severity import Severity
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import STATUSES, UNJUDGED, Outcome
from ecr_push.policy.verdict import Verdict
from ecr_push.report import advice, markdown
from ecr_push.report.ci.github_log import ANNOTATIONS, annotation, command
from ecr_push.report.ci.interface import CiMessages
from ecr_push.report.document import counts
from ecr_push.report.escape import log_line
from ecr_push.report.tests_text import summary
from ecr_push.report.verification import lacking
from ecr_push.settings.report_files import ReportFile

UNKNOWN = "unknown"
_SHOWN_LINES = 10  # of a failed test
# The reports that the action always writes, and those that a workflow may ask for.
_REPORTS = ("html", "markdown", "sarif", "junit")
_ASKED = ("text", "comment", "cyclonedx", "imagedefinitions", "imagedetail", "dotenv")

# Every output, in the order of action.yml, with what it says of each.
OUTPUTS: Mapping[str, str] = {
    "verdict": f"What the run came to: {', '.join(STATUSES)}.",
    "image": "REPOSITORY_URI@DIGEST of an accepted or observed image; empty for any other.",
    "digest": "Digest of the image that was pushed, accepted or not.",
    "repository": "URI of the repository; empty if AWS was not asked for it.",
    "commit": "The commit that the image is made from.",
    "version": "The version that the commit has.",
    "tags": "The tags that point to the image now, one a line; where nothing is judged, those of a run to "
    "come.",
    "tags-json": "The same tags as a JSON array.",
    "critical": f"Findings of the scan that are CRITICAL, before the policy; {UNKNOWN} without a scan.",
    "high": f"Findings that are HIGH; {UNKNOWN} without a scan.",
    "medium": f"Findings that are MEDIUM; {UNKNOWN} without a scan.",
    "low": f"Findings that are LOW; {UNKNOWN} without a scan.",
    "counts-json": "Findings by severity, as a JSON object; empty ({}) without a scan.",
    "candidate": "Tag of an image that is kept for inspection, because it was not released.",
    "images": "With all, changed or several images in only: what was accepted, as a JSON object of names and "
    "REPOSITORY_URI@DIGEST.",
    "matrix": "Of `command: matrix`: for strategy.matrix, by fromJSON.",
    "git-tag": "The git tag that the run made or found.",
    "exit-code": "The exit code of the run.",
    "result": "Path of the result document (JSON).",
    "html": "Path of the html report.",
    "markdown": "Path of the markdown report.",
    "sarif": "Path of the sarif report; empty where nothing was judged: alerts then stay.",
    "junit": "Path of the junit report.",
    **{
        name: f"Path of the {name} report; empty unless report asks for it and it was written."
        for name in _ASKED
    },
}


class GithubOutput:
    """See `CiOutput`. The paths are those of the step's files; an empty one is not written."""

    def __init__(self, output_file: str, summary_file: str) -> None:
        self._output_file = output_file
        self._summary_file = summary_file

    def messages_for(self, outcome: Outcome, reports: Sequence[ReportFile]) -> CiMessages:
        texts = {
            self._output_file: output_text(outputs(outcome, reports)),
            self._summary_file: markdown.render(outcome),
        }
        return CiMessages(run_annotations(outcome), {path: text for path, text in texts.items() if path})

    def messages_for_changed_exit(self, failure: Failure) -> CiMessages:
        text = output_text({"exit-code": str(failure.exit_code)})
        files = {self._output_file: text} if self._output_file else {}
        return CiMessages(_error("ecr-push: some CI output could not be written", failure), files)

    def group(self, title: str, text: str) -> str:
        lines = "".join(f"{log_line(line)}\n" for line in text.splitlines())
        return command("group", title) + lines + command("endgroup")


def outputs(outcome: Outcome, reports: Sequence[ReportFile] = ()) -> dict[str, str]:
    """Each of OUTPUTS: none is ever left out, whichever way the run went."""
    found = _found(outcome)
    tags = _tags(outcome)
    files = {one.format: one.path for one in reversed(reports)}  # the first of a format counts
    pushed, plan = outcome.pushed, outcome.plan
    return {
        "verdict": outcome.status,
        "image": outcome.released,
        "digest": pushed.digest.value if pushed else "",
        "repository": outcome.repository.uri if outcome.repository else "",
        "commit": plan.source.commit if plan else "",
        "version": plan.version.text if plan else "",
        "tags": "\n".join(tags),
        "tags-json": json.dumps(tags),
        **{name.lower(): str(found.get(name, UNKNOWN)) for name in ("CRITICAL", "HIGH", "MEDIUM", "LOW")},
        "counts-json": json.dumps(found),
        "candidate": outcome.candidate.name if outcome.candidate else "",
        "images": "",
        "matrix": "",
        "git-tag": outcome.git_tag.name if outcome.git_tag else "",
        "exit-code": str(outcome.exit_code),
        "result": files.get("json", ""),
        **{name: files.get(name, "") for name in (*_REPORTS, *_ASKED)},
    }


def output_text(
    values: Mapping[str, str], new_delimiter: Callable[[], str] = lambda: secrets.token_hex(16)
) -> str:
    """values as GITHUB_OUTPUT takes them, each between delimiters that cannot be guessed.

    A value with a line that is its delimiter would end there, and could set any output.
    """
    parts = []
    for name, value in values.items():
        delimiter = new_delimiter()
        while delimiter in value:
            delimiter = new_delimiter()
        parts.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    return "".join(parts)


def run_annotations(outcome: Outcome) -> str:
    """Why there is no image, and what docker finds in the Dockerfile. Warnings were annotated before."""
    checks = [
        annotation(
            "warning",
            "\n".join(filter(None, (one.text, one.url))),
            title=one.rule,
            file=outcome.run.dockerfile,
            line=one.line,
        )
        for one in outcome.build_checks
    ]
    return "".join((*list(_annotations(outcome))[:ANNOTATIONS], *checks[:ANNOTATIONS]))


def _annotations(outcome: Outcome) -> Iterable[str]:
    for test in outcome.failed_tests:
        text = "\n".join([summary(test), *test.output[-_SHOWN_LINES:]])
        yield annotation("error", text, title="ecr-push: a test of the image failed")
    if failure := outcome.failure:
        title = f"ecr-push: {outcome.status} in phase {failure.phase}"
        yield _error(title, failure, **_place(failure, outcome.run.dockerfile))
    elif outcome.status == "refused" and outcome.verdict:
        yield annotation(
            "error",
            _reasons(outcome.verdict),
            title="ecr-push: the policy refused the image",
            file=outcome.run.dockerfile,
        )
        for one in advice.to_fix(outcome.verdict):
            finding = one.finding
            package = f"{finding.package} {finding.version}".strip() or "an unnamed package"
            fixed = f", fixed in {finding.fixed_in}" if finding.fixed_in else ""
            text = "\n".join(filter(None, (f"{package}{fixed}", finding.title, finding.uri)))
            yield annotation(
                "error", text, title=f"{finding.severity} {finding.id}", file=outcome.run.dockerfile
            )
    elif outcome.status == "observed" and outcome.verdict:
        yield annotation(
            "warning",
            _reasons(outcome.verdict),
            title="ecr-push: the policy would refuse the image; it is only observed",
            file=outcome.run.dockerfile,
        )
    elif outcome.status == "not-verified" and outcome.verification:
        why = "\n".join(lacking(outcome.verification))
        yield annotation("error", why, title="ecr-push: the image lacks what is required of it")
    elif outcome.checked:
        yield annotation("notice", outcome.checked, title="ecr-push: checked, not pushed or judged")


def _reasons(verdict: Verdict) -> str:
    broken = [f"{one.rule}: {one.counted} found" for one in verdict.broken]
    return "\n".join(dict.fromkeys([*broken, *verdict.errors]))


def _error(title: str, failure: Failure, *, file: str = "", line: int = 0) -> str:
    remedy = f"To do: {failure.remedy}." if failure.remedy else ""
    text = "\n".join(filter(None, (failure.what, failure.why, remedy)))
    return annotation("error", text, title=title, file=file, line=line)


def _place(failure: Failure, dockerfile: str) -> dict[str, Any]:
    """The line of the Dockerfile whose step failed: GitHub shows the error beside it."""
    found = re.match(r"[^\s:]+:([0-9]{1,6}): ", failure.what) if failure.kind == BuildError.kind else None
    return {"file": dockerfile, "line": int(found[1])} if found and dockerfile else {}


def _tags(outcome: Outcome) -> list[str]:
    if outcome.status in UNJUDGED and outcome.plan and not outcome.promoted:
        return [tag.tag.name for tag in outcome.plan.tags]
    return [one.tag.name for one in outcome.promoted if one.result in ("moved", "already")]


def _found(outcome: Outcome) -> dict[str, int]:
    """Findings by severity, one that is on several platforms once; never less than ECR counts on any."""
    if outcome.scan is None:
        return {}
    listed = Counter(
        severity
        for severity, *_ in {
            (finding.severity, finding.id, finding.package, finding.version)
            for platform in outcome.scan.platforms
            for finding in platform.findings
        }
    )
    return counts(
        {
            severity: max(
                [listed[severity], *(one.counts.get(severity, 0) for one in outcome.scan.platforms)]
            )
            for severity in Severity
        }
    )
