"""The names of botocore's events: what is said of them at once is what botocore finds."""

from __future__ import annotations

import pytest
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.utils import EVENT_ALIASES
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.registry.aws.sdk_data import new_session

PARTS = st.sampled_from(
    [*EVENT_ALIASES, "ecr", "before-call", "PutImage", "api", "iot", "data", "jobs", "", "*", "lex-models"]
)


@pytest.fixture(scope="module")
def events() -> EventAliaser:
    return new_session().get_component("event_emitter")


@given(parts=st.lists(PARTS, max_size=6))
def test_every_name_becomes_what_botocore_makes_of_it(events: EventAliaser, parts: list[str]) -> None:
    name = ".".join(parts)
    assert events._alias_event_name(name) == EventAliaser(HierarchicalEmitter())._alias_event_name(name)


def test_handlers_of_a_former_name_are_called(events: EventAliaser) -> None:
    """botocore's own are registered, too, and those of a client."""
    seen: list[str] = []
    events.register("provide-something.cloudwatch", lambda event_name, **_: seen.append(event_name))
    events.emit("provide-something.monitoring.PutMetricData")
    events.emit("provide-something.cloudwatch.PutMetricData")
    assert seen == ["provide-something.cloudwatch.PutMetricData"] * 2
    assert events.emit_until_response("choose-signer.sts.AssumeRoleWithWebIdentity")[1] is not None
