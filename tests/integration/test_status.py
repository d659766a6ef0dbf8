"""`ecr-push status`: what floating tags name, by which verdict, and what was found since."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ecr_push.base.fences import Fences
from ecr_push.pipeline.listed_exceptions import list_exceptions
from ecr_push.policy.options import PolicyOptions
from ecr_push.policy.read_object import no_objects
from ecr_push.report import exceptions_html
from ecr_push.report.status_html import render
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.pages import looked_at
from tests.support.registry import REPOSITORY, Registry, client_of
from tests.support.shelf import Shelf
from tests.support.status_samples import STATUS

ADVISORY = {
    "schema_version": "1.6.0",
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-1234"],
    "modified": "2026-11-01T00:00:00Z",
    "published": "2026-11-01T00:00:00Z",
    "summary": "Found after the release",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "PyYAML"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "6.0"}]}],
        }
    ],
}


def sandbox_at(folder: Path, *advisories: Path) -> Sandbox:
    return Sandbox(SandboxOptions(scan_delay=0.0, state_dir=folder / "state", advisories=advisories))


def test_what_was_found_since_the_verdict_needs_a_look(
    tmp_path: Path, client_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two days of one registry: the second one knows an advisory that the first one did not."""
    monkeypatch.chdir(tmp_path)
    soon = (date.today() + timedelta(days=5)).isoformat()
    accepted = {"vulnerability": "CVE-2020-14343", "owner": "team web", "reason": "not reachable"}
    Path("policy.yml").write_text(json.dumps({"exceptions": [{**accepted, "until": soon}]}))
    with sandbox_at(tmp_path) as sandbox:
        registry = Registry(sandbox, client_of(sandbox, tmp_path / "first", client_path))
        cli = CommandLine.at(tmp_path / "a", sandbox.environment)
        registry.create()
        registry.create("team/other")
        shelf = Shelf(registry, tmp_path / "a")
        digest = shelf.put("1.4.2", files=images.VULNERABLE)
        promote = ("promote", f"{REPOSITORY}:1.4.2", "latest", "stable", "--attest-verdict")
        promoted = cli.command(*promote, "--policy", "policy.yml")
        assert promoted.code == 0, promoted.stderr
        calm = cli.command("status", "team/*", "--check", "--ends-within", "1d")
        assert calm.code == 0, calm.stdout + calm.stderr
        assert "Nothing to look at: 1 image in 3 repositories." in calm.stdout
        ending = cli.command("status", REPOSITORY, "--check")
        assert ending.code == 12
        assert f"of team web ends in 5 days, on {soon}" in ending.stdout
    advisories = tmp_path / "advisories"
    advisories.mkdir()
    (advisories / "new.json").write_text(json.dumps(ADVISORY))
    with sandbox_at(tmp_path, advisories) as sandbox:
        cli = CommandLine.at(tmp_path / "b", sandbox.environment)
        found = cli.command("status", "--check", "--html", "status.html", "--output", "json")
        assert found.code == 12, found.stderr
        document = json.loads(found.stdout)
        [app] = [one for one in document["repositories"] if one["name"] == REPOSITORY]
        [image] = app["images"]
        assert (image["digest"], image["name"], image["tags"]) == (digest, "1.4.2", ["latest", "stable"])
        assert image["verdict"]["verdict"] == "accepted"
        assert image["new"]["CRITICAL"] == 1
        assert [one["kind"] for one in image["reasons"]] == ["new", "exception"]
        assert "new since the verdict: 1 CRITICAL" in Path("status.html").read_text()
        missing = cli.command("status", "team/ap")
        assert missing.code == 2 and "did you mean" in missing.stderr


def test_the_page_can_be_read_by_eye_keyboard_and_screen_reader(tmp_path: Path) -> None:
    page = tmp_path / "status.html"
    page.write_text(render(STATUS), encoding="utf-8")
    for shown in looked_at(page):
        assert shown.locator("tbody").count() == len(STATUS.repositories)
        reached = []
        for _ in range(4):
            shown.keyboard.press("Tab")
            reached.append(shown.evaluate("document.activeElement.textContent.trim().slice(0, 11)"))
        assert reached[:3] == ["team/shop", "team/web", "team/secret"], "then the table, which scrolls"
        shown.get_by_role("link", name="team/web").press("Enter")
        assert shown.url.endswith("#r1")


def test_the_page_of_exceptions_can_be_read_so_too(tmp_path: Path) -> None:
    policy = tmp_path / "a-policy-with-a-long-name.yml"
    policy.write_text(
        "exceptions:\n"
        "- {vulnerability: CVE-1, owner: platform, reason: <not> called, until: 2026-01-01}\n"
        "- {path: usr/share/a/folder/with/a/very/long/name/**, until-fixed: true}\n- {package: zlib}\n"
    )
    now = datetime(2026, 1, 2, tzinfo=timezone.utc)
    found = list_exceptions(
        {str(policy): "FILE"}, PolicyOptions(), no_objects, Fences.of("."), now, 14 * 86_400
    )
    page = tmp_path / "exceptions.html"
    page.write_text(exceptions_html.render(found), encoding="utf-8")
    for shown in looked_at(page):
        assert shown.locator("tbody tr").count() == 3
        assert (
            shown.get_by_text("ended 1 day ago").is_visible()
            and shown.get_by_text("<not> called").is_visible()
        )
        shown.keyboard.press("Tab")
        reached = shown.evaluate("document.activeElement.getAttribute('aria-label')")
        assert reached == "Exceptions by their end", "the table, which scrolls"
