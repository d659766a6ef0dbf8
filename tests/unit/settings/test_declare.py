from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from ecr_push.settings.declare import (
    Settings,
    changed,
    default_text,
    environment_name,
    flag,
    key,
    option_help,
    options,
    settings_of,
    value_of,
)
from tests.support.settings import problems


def test_every_setting_has_one_name_in_three_spellings_and_help() -> None:
    for setting in options():
        assert flag(setting) == "--" + key(setting)
        assert environment_name(setting) == "ECR_PUSH_" + key(setting).upper().replace("-", "_")
        assert option_help(setting).help.endswith(".")
        assert option_help(setting).commands
    assert len({key(setting) for setting in options()}) == len(options())


BY_CALLER = {
    *("context", "profile", "role", "role_to_assume", "sandbox", "on_fork", "observe", "parts", "to"),
    *("secrets", "ssh", "allow", "cgroup_parent", "call", "sign", "sign_key"),
    *("push", "load", "exports"),
    *("only", "all_images", "changed", "since", "jobs"),
    *("sign_identity", "sign_issuer", "sign_config", "sign_trusted_root"),
    "require_signature",
    "attest_sbom",
    "repositories",
    *("cluster", "service", "task_definition", "function", "alias", "job_definition", "endpoint", "model"),
    *("containers", "deploy_timeout", "verify_first", "redeploy"),
    *("require", "allow_unsigned", "max_age"),
    *("expect_policy", "expect_source", "expect_commit", "expect_builder"),
    *("tests", "tests_in_image", "test_timeout", "verdict_from"),
    *("branch", "tag_ref", "pull_request", "commit", "default_branch", "run_url", "actor"),
    *("audit", "audit_failure"),
}


def test_the_file_cannot_give_the_options_of_the_caller(tmp_path: Path) -> None:
    """The file comes with the checkout, which may be a pull request's: even where it says what is right."""
    assert {setting.name for setting in options() if option_help(setting).by_caller} == BY_CALLER
    for setting in options():
        if setting.name in BY_CALLER:
            (problem,) = problems(tmp_path, file=f"\n{key(setting)}: main\n")
            assert f"ecr-push.yml, line 2, {key(setting)}: is not allowed in this file" in problem
            assert environment_name(setting) in problem
    assert "use --on-fork or ECR_PUSH_ON_FORK" in problems(tmp_path, file="on-fork: push")[0]


def test_an_option_is_in_one_room_alone() -> None:
    names = [one.name for room in fields(Settings) for one in fields(room.default)]
    assert len(names) == len(set(names)) == len(options())


def test_options_are_shown_in_the_order_of_rooms_or_at_their_named_place() -> None:
    names = [one.name for one in options()]
    after = {one.name: option_help(one).after for one in options() if option_help(one).after}
    assert after == {
        "lock": "kms_key",
        "deploy_for": "parts",
        "tag_prefix": "channels",
        "deepen": "actor",
        "unscannable": "scan_events_queue",
    }
    assert all(names[names.index(one) - 1] == other for one, other in after.items())
    assert names[:2] == ["context", "repository"] and names[-1] == "audit_failure"
    assert names.index("paths") == names.index("tag_prefix") + 1 < names.index("commit_scopes")


def test_settings_are_made_and_changed_by_the_names_of_options() -> None:
    made = settings_of({"region": "eu-west-1", "target": "x"})
    assert made.registry.region == value_of(made, "region") == "eu-west-1"
    assert changed(made, region="", dry_run=True).run.dry_run and made.registry.region
    with pytest.raises(KeyError):
        settings_of({"regoin": "eu-west-1"})


def test_defaults_are_shown_in_words() -> None:
    shown = {one.name: default_text(one) for one in options()}
    assert (shown["deepen"], shown["git_tag"], shown["target"]) == ("yes", "no", "")
    assert (shown["scan_timeout"], shown["naming"]) == ("15m", "ecr-push")
