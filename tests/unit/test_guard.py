"""The guard itself: without it a unit test could quietly reach the world."""

from __future__ import annotations

import socket
import subprocess

import pytest


def test_a_unit_test_cannot_start_a_process() -> None:
    with pytest.raises(AssertionError, match="must not start a process"):
        subprocess.run(["true"])


def test_a_unit_test_cannot_open_a_connection() -> None:
    with socket.socket() as one, pytest.raises(AssertionError, match="open a socket"):
        one.connect(("127.0.0.1", 9))
