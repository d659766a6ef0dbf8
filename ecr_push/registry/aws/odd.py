"""An answer of AWS, or of a registry, that is not usable: what raises it, and what it tells the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecr_push.base.errors import RegistryError
from ecr_push.base.shape import OddValueError


class OddAnswerError(RegistryError):
    """An answer lacks a member that it must have, or has one that cannot be right.

    operation: what was asked, such as `ecr:BatchGetImage`. problem: names the member.
    """

    def __init__(self, operation: str, problem: str, remedy: str = "") -> None:
        super().__init__(
            f"the answer to {operation} is not valid",
            why=problem,
            remedy=remedy
            or "run again; if it happens again, check what answers in the place of AWS: proxies, endpoints",
        )
        self.operation = operation


@contextmanager
def answer_to(operation: str) -> Iterator[None]:
    """Turns what is odd in the answer to an operation into OddAnswerError. The block reads the answer."""
    try:
        yield
    except OddValueError as odd:
        raise OddAnswerError(operation, str(odd)) from odd
