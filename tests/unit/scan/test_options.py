from __future__ import annotations

import pytest

from tests.support.settings import problems_of, value

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/team-scans"


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("scan_timeout", "90", 90.0),
        ("scan_timeout", "2.5m", 150.0),
        ("scan_max_age", "30d", 30 * 86_400.0),
        ("scan_events_queue", "team-scans", "team-scans"),
        ("scan_events_queue", f"{QUEUE}/", QUEUE),
    ],
)
def test_values(name: str, given: object, expected: object) -> None:
    assert value(name, given) == expected


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("scan_timeout", "soon", "'soon' is not a valid duration"),
        ("scan_timeout", "-1", "is not a valid duration"),
        ("scan_events_queue", "scans.fifo", "is a FIFO queue"),
        ("scan_events_queue", "q" * 81, "of up to 80 letters"),
        ("scan_events_queue", f"https://sqs.eu-west-1.amazonaws.com/123456789012/{'q' * 81}", "of up to 80"),
        ("scan_events_queue", "https://example.invalid/scans", "is not a valid SQS queue"),
        ("scan_events_queue", "arn:aws:sqs:eu-west-1:123456789012:scans", "is not a valid SQS queue"),
    ],
)
def test_mistakes(name: str, given: object, text: str) -> None:
    assert text in problems_of(name, given)
