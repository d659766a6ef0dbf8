"""The status of repositories, as text, as a document and as a page: hostile names stay text."""

from __future__ import annotations

from dataclasses import replace

from ecr_push.pipeline.status.model import RepositoryStatus
from ecr_push.report.status_html import render
from ecr_push.report.status_text import document_of, lines_of, summary
from tests.support.status_samples import NOW, STATUS, WELL, image

HOSTILE = "<script>alert(1)</script>\n"


def test_the_table() -> None:
    lines = list(lines_of(STATUS))
    assert lines[0].split()[:3] == ["REPOSITORY", "TAGS", "VERSION"]
    shop = lines[1]
    assert "latest, 2, 2.0, stable" in shop and "accepted" in shop
    assert "1 critical, 2 high, 5 medium, 10 lower" in shop and "+1 critical, +1 lower" in shop
    assert lines[2] == "    ! new since the verdict: 1 CRITICAL: CVE-2026-1234 in openssl"
    assert any(line.startswith("team/web") and "… and 3 more" in line for line in lines)
    assert any("no tag that floats" in line for line in lines)
    assert lines[-1] == "6 of 7 images in 5 repositories need a look. 1 could not be read."
    assert summary(WELL) == "Nothing to look at: 1 image in 2 repositories."
    assert list(lines_of(replace(STATUS, repositories=()))) == ["There is no repository."]


def test_the_document() -> None:
    document = document_of(STATUS)
    assert document["needsALook"] and not document_of(WELL)["needsALook"]
    shop, web = document["repositories"][:2]
    assert [one["needsALook"] for one in document["repositories"]] == [True, True, False, False, True]
    grown = shop["images"][0]
    assert (grown["new"]["CRITICAL"], grown["newFindings"][0]["id"]) == (1, "CVE-2026-1234")
    assert web["images"][2]["verdict"] is None and web["imagesLeftOut"] == 3


def test_another_build_has_its_version_and_its_own_name() -> None:
    name = "sha-4f1e2d3c4b5a-9c3d5e7f"
    other = replace(image(name, "latest"), rebuilt="1.4.2")
    status = replace(STATUS, repositories=(RepositoryStatus("team/app", (other,)),))
    assert "  1.4.2, another build  " in "\n".join(lines_of(status))
    assert "<td>1.4.2, another build</td>" in render(status)
    found = document_of(status)["repositories"][0]["images"][0]
    assert (found["name"], found["anotherBuildOf"]) == (name, "1.4.2")


def test_the_page_runs_nothing_and_asks_for_nothing() -> None:
    hostile = RepositoryStatus(HOSTILE, (image(HOSTILE, HOSTILE),), unread="")
    page = render(replace(STATUS, repositories=(hostile, RepositoryStatus("a", unread=HOSTILE))))
    assert "<script" not in page.lower()
    assert "http" not in page.partition("</style>")[2].replace("http-equiv", "")
    assert "As it was judged" in render(WELL) and "Needs a look" in render(STATUS)
    assert f"{NOW:%Y-%m-%d}" in page
