"""What BuildKit repeats of a failed step stands in the error, and not in the log a second time."""

from __future__ import annotations

from ecr_push.builder.recap import recap, without_recap

STREAM = ["#5 [2/2] RUN make", "#5 0.186 ------", "#5 0.186 broken", "#5 ERROR: process did not complete"]
RECAP = ["------", " > [2/2] RUN make:", "0.186 broken", "------", "Dockerfile:2", "ERROR: failed to solve"]


def test_the_log_has_the_output_once() -> None:
    seen: list[str] = []
    tell = without_recap(seen.append)
    for line in (*STREAM, *RECAP):
        tell(line)
    assert seen == STREAM


def test_the_error_has_the_recap_whole() -> None:
    assert recap((*STREAM, *RECAP)) == RECAP
    long = [*RECAP[:2], *(f"0.1 line {number}" for number in range(100)), *RECAP[3:]]
    assert recap((*STREAM, *long)) == long[-60:]


def test_without_a_recap_the_last_lines() -> None:
    lines = [f"#1 line {number}" for number in range(40)]
    assert recap(lines) == lines[-15:]
    assert recap([]) == []
