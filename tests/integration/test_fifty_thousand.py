"""Fifty thousand findings on one image, from AWS's pages to every report: what that may cost."""

from __future__ import annotations

import json
import os
import sys

from ecr_push.settings.report_files import FORMATS
from tests.support.measuring import took
from tests.support.paths import ROOT

SECONDS, MEGABYTES = 5.0, 300


def test_fifty_thousand_findings_are_judged_and_reported_in_every_format() -> None:
    """Seconds of the processor: what else a machine does is no matter of ours."""
    program = [sys.executable, "-m", "tests.integration.fifty_thousand"]
    told = json.loads(took(program, ROOT, os.environ).output)
    assert told["findings"] == 50_000
    assert set(told["seconds"]) == {"read", "judge", *FORMATS}
    assert sum(told["seconds"].values()) < SECONDS, told
    assert told["megabytes"] < MEGABYTES, told
