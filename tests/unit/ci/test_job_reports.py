from __future__ import annotations

from ecr_push.ci.job_reports import VARIABLE, with_job_reports
from ecr_push.report.formats import ReportFile
from ecr_push.settings import Settings


def test_the_wrappers_reports_are_added_to_those_that_were_asked_for() -> None:
    mine = ReportFile("html", "mine.html")
    found = with_job_reports(Settings(reports=(mine,)), {VARIABLE: "json=/r.json\nhtml=/r.html\n"})
    assert found.reports == (mine, ReportFile("json", "/r.json"), ReportFile("html", "/r.html"))


def test_without_a_wrapper_there_are_no_others() -> None:
    assert with_job_reports(Settings(), {}) == Settings()
