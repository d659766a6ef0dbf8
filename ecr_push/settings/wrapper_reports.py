"""The reports that a CI's wrapper publishes, besides those that were asked for.

They have a variable of their own: as ECR_PUSH_REPORT they would stand in for `report` of ecr-push.yml.
"""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.settings.declare import Settings, changed
from ecr_push.settings.report_files import parse_report

# FORMAT=FILE lines, as in ECR_PUSH_REPORT; json is the result document.
VARIABLE = "ECRPUSH_JOB_REPORTS"


def with_job_reports(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """settings with the wrapper's reports after the user's own, which are what outputs name."""
    lines = environ.get(VARIABLE, "").splitlines()
    wanted = (*settings.report.reports, *(parse_report(line) for line in lines if line))
    return changed(settings, reports=wanted)
