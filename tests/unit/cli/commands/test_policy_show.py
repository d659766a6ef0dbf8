"""`ecr-push policy show`."""

from __future__ import annotations

import io
from pathlib import Path

import yaml

from ecr_push.base.fences import Fences
from ecr_push.cli.commands.policy_show import show_policy
from ecr_push.policy.options import PolicyOptions
from tests.support.judged_images import tools
from tests.unit.cli.commands.conftest import Console


def test_what_is_shown_is_a_policy_with_the_places_that_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "central.yml").write_text("max-epss: 0.5\nlocked: [max-epss]\n")
    (tmp_path / "policy.yml").write_text(
        "extends: central.yml\nfail-on: medium\nexceptions: [{package: x}]\n"
    )
    stdout = io.StringIO()
    shown = PolicyOptions(policy=str(tmp_path / "policy.yml"), baseline="latest")
    show_policy(shown, Fences.of("."), tools(), stdout)
    text = stdout.getvalue().replace(f"{tmp_path}/", "")
    assert "fail-on: medium  # policy.yml, line 2\n" in text
    assert "max-epss: 0.5  # central.yml, line 1; locked by central.yml, line 2\n" in text
    assert "baseline: latest  # --baseline\n" in text
    assert "max-cvss: none  # the default\n" in text
    (tmp_path / "again.yml").write_text(stdout.getvalue())
    again = io.StringIO()
    show_policy(PolicyOptions(policy=str(tmp_path / "again.yml")), Fences.of("."), tools(), again)
    assert yaml.safe_load(again.getvalue()) == yaml.safe_load(stdout.getvalue())


def test_an_option_has_the_place_where_it_was_given(console: Console) -> None:
    (console.folder / "ecr-push.yml").write_text("\nfail-on: low\nmax-findings: high=1\n")
    console.environ["ECR_PUSH_BASELINE"] = "latest"
    assert console.run("policy", "show", "--max-findings", "high=2") == 0
    assert "fail-on: low  # ecr-push.yml, line 2, fail-on\n" in console.out
    assert "# --max-findings\n" in console.out
    assert "baseline: latest  # ECR_PUSH_BASELINE\n" in console.out
