"""Several errors that are found side by side, as the one that a user corrects all at once."""

from __future__ import annotations

import pytest

from ecr_push.base.errors import BuildError, EcrPushError, RegistryError, SettingsError
from ecr_push.pipeline.refusals import Refusals
from ecr_push.registry.aws.configuration import AwsSettingsError


def raised(*errors: EcrPushError) -> EcrPushError:
    refusals = Refusals()
    for error in errors:
        with refusals.kept():
            raise error
    assert refusals
    with pytest.raises(EcrPushError) as caught:
        refusals.end()
    return caught.value


def test_without_errors_nothing_is_raised() -> None:
    refusals = Refusals()
    with refusals.kept():
        pass
    assert not refusals
    refusals.end()


def test_wrong_settings_are_one_list() -> None:
    found = raised(
        SettingsError(["--tags: a", "--tags: b"], remedy="see the tags"),
        SettingsError(["policy.yml: c"]),
        SettingsError(["--sbom"], what="podman cannot build this", remedy="leave it out"),
    )
    assert isinstance(found, SettingsError)
    assert found.problems == ("--tags: a", "--tags: b", "policy.yml: c", "podman cannot build this: --sbom")
    assert (found.what, found.remedy) == ("the settings are wrong in 4 places", "see the tags; leave it out")


def test_one_of_them_stays_as_it_is() -> None:
    alone = SettingsError(["--sbom"], what="podman cannot build this", remedy="leave it out")
    assert raised(alone) is alone


def test_the_first_of_several_kinds_names_the_others() -> None:
    first = RegistryError("no repository", why="it is not there")
    found = raised(first, SettingsError(["--tags: a"], remedy="see the tags"), BuildError("no engine"))
    assert found is first
    assert found.why.splitlines() == [
        "it is not there",
        "besides, the settings are wrong: - --tags: a (see the tags)",
        "besides, no engine",
    ]


def test_one_cause_that_several_questions_meet_counts_once() -> None:
    profile = [AwsSettingsError("there is no AWS profile 'team'", remedy="list them") for _ in range(2)]
    assert raised(*profile) is profile[0]
    keys = [RegistryError(f"no credentials for {call}", why="unable to locate them") for call in ("a", "b")]
    assert raised(*keys).why == "unable to locate them"


def test_an_answer_that_is_asked_for_twice_counts_once() -> None:
    error = RegistryError("no repository")
    assert raised(error, error).why == ""
