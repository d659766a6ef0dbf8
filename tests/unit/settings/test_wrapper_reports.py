from __future__ import annotations

from ecr_push.settings.report_files import ReportFile
from ecr_push.settings.wrapper_reports import VARIABLE, with_job_reports
from tests.support.settings import settings


def test_the_wrappers_reports_are_added_to_those_that_were_asked_for() -> None:
    mine = ReportFile("html", "mine.html")
    found = with_job_reports(settings(reports=(mine,)), {VARIABLE: "json=/r.json\nhtml=/r.html\n"})
    assert found.report.reports == (mine, ReportFile("json", "/r.json"), ReportFile("html", "/r.html"))


def test_without_a_wrapper_there_are_no_other_reports() -> None:
    assert with_job_reports(settings(), {}).report.reports == ()
