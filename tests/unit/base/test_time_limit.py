import itertools
import time

import pytest

from ecr_push.base.time_limit import TimeLimitError, time_limit


def test_a_computation_ends_when_its_time_is_up() -> None:
    with pytest.raises(TimeLimitError), time_limit(0.02):
        for _ in itertools.count():
            pass


def test_waiting_does_not_count() -> None:
    """As on a busy machine: a name that takes no time is not refused for what others do."""
    with time_limit(0.2):  # the process's other threads have a part of it
        time.sleep(0.3)
