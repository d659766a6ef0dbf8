"""How much slower this machine is just now than a quiet one: a bound in seconds means little without that."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

# What an installation does, on two cores at once: starts Python, computes, and writes many small files.
_WORK = """
import hashlib, pathlib, sys, zlib
folder, text = pathlib.Path(sys.argv[1]), bytes(range(256)) * 64
packed = zlib.compress(text)
for number in range(1500):
    unpacked = zlib.decompress(packed)
    for _ in range(8):
        hashlib.sha256(unpacked).hexdigest()
        sum(unpacked)
    (folder / str(number)).write_bytes(unpacked)
"""
# Seconds for that on two slow cores that nobody else uses.
_QUIET = 1.0


def slowness() -> float:
    """A factor, 1 on a quiet machine or a faster one."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        began = time.perf_counter()
        working = [
            subprocess.Popen([sys.executable, "-I", "-c", _WORK, folder], stdin=subprocess.DEVNULL)
            for folder in (one, other)
        ]
        codes = [process.wait() for process in working]
        took = time.perf_counter() - began
    assert codes == [0, 0]
    return max(1.0, took / _QUIET)
