"""The reports that a CI's wrapper publishes, besides those that the user wants.

They have a variable of their own: ECR_PUSH_REPORT would replace `report` of ecr-push.yml.
"""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.settings.declare import Settings, changed
from ecr_push.settings.report_files import parse_report

# FORMAT=FILE lines, as in ECR_PUSH_REPORT; json is the result document.
VARIABLE = "ECRPUSH_JOB_REPORTS"


def with_job_reports(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Adds the wrapper's reports after the user's own: the CI's outputs name the first of a format."""
    lines = environ.get(VARIABLE, "").splitlines()
    wanted = (*settings.report.reports, *(parse_report(line) for line in lines if line))
    return changed(settings, reports=wanted)
