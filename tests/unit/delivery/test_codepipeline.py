"""What another step acts on: it names an accepted image, or it is not there."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import SettingsError
from ecr_push.cli.reports import RENDERERS
from ecr_push.delivery.codepipeline import _value
from ecr_push.pipeline.outcome import RELEASABLE, Outcome
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.settings.report_files import parse_report
from tests.support.outcomes import ACCEPTED, OUTCOMES, PUSHED, REFUSED, with_facts
from tests.support.settings import load_settings

IMAGE = PUSHED.reference
NOT_RELEASED = [name for name, one in OUTCOMES.items() if one.status not in RELEASABLE]
# As `promote --dry-run` leaves it: judged and accepted, and no tag was moved.
DRY_RUN = replace(ACCEPTED, promoted=tuple(PromotedTag(one.tag, "planned") for one in ACCEPTED.promoted))


def gitlab(text: str) -> dict[str, str]:
    """As GitLab reads it: each line has a `=`, quotes are characters, and no line is empty."""
    found = {}
    for line in text.splitlines():
        matched = re.fullmatch(r"(.*?)=(.*)", line)
        assert matched, line
        found[matched[1].strip()] = matched[2].strip()
    return found


def shell(text: str) -> dict[str, str]:
    """As `. file` reads it, where nothing in it is expanded: see the integration test for a real one."""
    assert not re.search(r"[$`\\]", text)
    return dict(word.split("=", 1) for word in shlex.split(text))


def test_an_accepted_image_is_handed_over_by_its_digest() -> None:
    assert IMAGE.rpartition("@")[2].startswith("sha256:")
    definitions = json.loads(RENDERERS["imagedefinitions"](ACCEPTED))
    assert definitions == [{"name": "app", "imageUri": IMAGE}]
    assert json.loads(RENDERERS["imagedetail"](ACCEPTED)) == {"ImageURI": IMAGE}


def test_the_container_may_be_named() -> None:
    longest = with_facts(ACCEPTED, container_name="c" * 255)
    text = RENDERERS["imagedefinitions"](longest)
    assert json.loads(text)[0]["name"] == "c" * 255
    assert len(text.encode()) < 100_000


@pytest.mark.parametrize("outcome", [*map(OUTCOMES.get, NOT_RELEASED), DRY_RUN], ids=[*NOT_RELEASED, "dry"])
def test_of_anything_else_there_is_no_file_and_no_image(outcome: Outcome) -> None:
    assert RENDERERS["imagedefinitions"](outcome) == ""
    assert RENDERERS["imagedetail"](outcome) == ""
    variables = gitlab(RENDERERS["dotenv"](outcome))
    assert variables["IMAGE"] == variables["DIGEST"] == variables["TAGS"] == ""
    assert variables["VERDICT"] == outcome.status
    assert variables["EXIT_CODE"] == str(outcome.exit_code)


@pytest.mark.parametrize("ending", OUTCOMES)
def test_every_reader_of_variables_reads_the_same(ending: str) -> None:
    text = RENDERERS["dotenv"](OUTCOMES[ending])
    assert gitlab(text) == shell(text)
    assert list(gitlab(text)) == ["IMAGE", "DIGEST", "VERSION", "TAGS", "VERDICT", "EXIT_CODE", "CANDIDATE"]
    assert len(text.encode()) < 5_000  # GitLab's limit is 5 KiB


def test_the_variables_of_an_accepted_and_of_a_refused_image() -> None:
    kept = PromotedTag(ACCEPTED.promoted[-1].tag, "kept", "9.9.9 is higher")
    accepted = gitlab(RENDERERS["dotenv"](replace(ACCEPTED, promoted=(*ACCEPTED.promoted[:-1], kept))))
    assert accepted == {
        "IMAGE": IMAGE,
        "DIGEST": PUSHED.digest.value,
        "VERSION": "1.4.2",
        "TAGS": ",".join(str(one.tag) for one in ACCEPTED.promoted[:-1]),  # not what it did not get
        "VERDICT": "accepted",
        "EXIT_CODE": "0",
        "CANDIDATE": "",
    }
    refused = gitlab(RENDERERS["dotenv"](REFUSED))
    assert refused["CANDIDATE"].startswith("candidate-")
    assert (refused["VERSION"], refused["EXIT_CODE"]) == ("1.4.2", "10")


def test_an_epoch_is_read_as_it_is() -> None:
    line = f"X={_value('1!2.0.dev3')}\n"
    assert line == "X=1!2.0.dev3\n"
    assert gitlab(line) == shell(line)


@given(st.text())
def test_whatever_a_value_is_it_is_one_line_and_no_command(text: str) -> None:
    line = _value(text)
    assert len(line.splitlines()) <= 1
    assert shlex.split(f"X={line}") == [f"X={' '.join(text.split()) if line != text else text}"]


def test_a_container_name_that_ecs_refuses_fails_before_the_build() -> None:
    report = "imagedefinitions.json"
    with pytest.raises(SettingsError, match="--container-name"):
        load_settings({"repository": "team/my.app", "reports": [report]}, {}, command="run")
    named = {"repository": "team/my.app", "reports": [report], "container_name": "web"}
    assert load_settings(named, {}, command="run").report.reports == (parse_report(report),)
    load_settings({"repository": "team/my.app", "reports": ["imageDetail.json"]}, {}, command="run")
