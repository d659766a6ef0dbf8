from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.ci.facts import CiFacts
from ecr_push.settings import trust
from ecr_push.settings.trust import trusted_sources, untrusted_code
from tests.support.ci import ci_facts
from tests.support.settings import settings, value

FORK = {"origin": "fork", "pull_request": "12", "interactive": False}


@pytest.mark.parametrize(
    ("facts", "trusted"),
    [
        (ci_facts(), True),
        (ci_facts(origin="fork", interactive=True), True),  # a person started it, and knows
        (ci_facts(origin="own", pull_request="12", interactive=False), True),
        (ci_facts(**FORK), False),
        (ci_facts(origin="maybe fork", interactive=False), False),
        (ci_facts(anyone_can_start=True, interactive=False), False),
    ],
)
def test_ecr_push_yml_is_read_only_if_its_author_can_push(
    tmp_path: Path, facts: CiFacts, trusted: bool
) -> None:
    (tmp_path / "ecr-push.yml").write_text("tag: pwned\nnonsense: 1\n")
    # With an image of the engine git is not asked for the commit, which a unit test could not do.
    flags = {"context": str(tmp_path), "progress": "plain", "image": "app:1"}
    sources = trusted_sources(flags, {"ECR_PUSH_ACTOR": "x"}, facts)
    assert (sources.file is not None) is trusted
    assert sources.settings().tags.extra_tags == (("pwned",) if trusted else ())
    assert len(sources.problems) == (1 if trusted else 0)
    assert sources.settings().report.progress == "plain" and sources.settings().ci.actor == "x"


def test_the_user_may_name_a_pull_request_unknown_to_the_ci(tmp_path: Path) -> None:
    facts = ci_facts(origin="own", branch="main", interactive=False)
    flags = {"context": str(tmp_path), "branch": "pr/12"}
    assert trusted_sources(flags, {}, facts).file is None


def test_an_invalid_flag_does_not_make_the_file_trusted(tmp_path: Path) -> None:
    (tmp_path / "ecr-push.yml").write_text("tag: pwned\n")
    flags = {"context": str(tmp_path), "fail_on": "hgih"}
    assert trusted_sources(flags, {}, ci_facts(**FORK)).file is None


def test_what_is_untrusted_is_named() -> None:
    assert untrusted_code(settings(), ci_facts(**FORK)) == "a pull request from a fork"
    anyone = ci_facts(
        anyone_can_start=True, trusted_commit="a" * 40, event="issue_comment", interactive=False
    )
    assert "that may be from a fork" in untrusted_code(settings(image="app:1"), anyone)


def test_a_context_in_another_repository_is_not_the_commit_that_is_checked_out() -> None:
    """A workflow that anyone can start may check out main, and build a fork's commit by its address."""
    started = ci_facts(
        anyone_can_start=True, trusted_commit="a" * 40, event="pull_request_target", interactive=False
    )
    context = value("context", f"https://github.com/fork/app.git#{'a' * 40}")
    assert "that may be from a fork" in untrusted_code(settings(context=context), started)


def test_of_images_it_is_the_file_that_lists_them_which_git_must_track(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that it is in need not have a Dockerfile. Each image's own is looked at when it runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mono").mkdir()
    asked: list[tuple[str, str]] = []

    def commit_there(context: Path, file: Path, *, trusted: bool) -> str:
        asked.append((str(context), str(file)))
        return ""

    monkeypatch.setattr(trust, "commit_there", commit_there)
    started = ci_facts(
        anyone_can_start=True, trusted_commit="a" * 40, event="issue_comment", interactive=False
    )
    for given in ({"changed": True}, {"only": ("api",)}, {}):
        untrusted_code(settings(context="mono", **given), started)
    untrusted_code(settings(context="api"), started)
    file = str(Path("mono", "ecr-push.yml"))
    assert asked == [
        *(("mono", file), ("mono", file), ("mono", str(Path("mono", "Dockerfile")))),
        (".", "ecr-push.yml"),
    ]


def test_the_file_here_is_judged_too_where_the_context_may_be_an_image_that_it_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`app` may be a checkout of main's, and the file beside it a fork's, or from a fork's artifact."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app/ecr-push.yml").write_text("tag: ours\n")
    main = "a" * 40
    commits = {"app": main}
    monkeypatch.setattr(trust, "commit_there", lambda context, *_, **__: commits.get(str(context), ""))
    started = ci_facts(
        anyone_can_start=True, trusted_commit=main, event="pull_request_target", interactive=False
    )
    assert trusted_sources({"context": "app"}, {}, started).settings().tags.extra_tags == ("ours",)
    (tmp_path / "ecr-push.yml").write_text("images: {app: {context: app, tag: pwned}}\n")
    assert trusted_sources({"context": "app"}, {}, started).file is None
    assert trusted_sources({"context": "./app"}, {}, started).settings().tags.extra_tags == ("ours",)
    commits["."] = main
    assert trusted_sources({"context": "app"}, {}, started).settings().tags.extra_tags == ("pwned",)
