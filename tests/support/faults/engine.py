"""A Docker engine that can be lost: a socket of the test's own before the real one."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from pathlib import Path

_REAL = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")


class LosableEngine:
    """Passes every byte on, until `cut`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """The engine is gone: nothing goes through any more, and no one can connect."""
        self.path.unlink(missing_ok=True)
        with self._lock:
            opened, self._open = [self._listener, *self._open], []
        for one in opened:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes what waits for it
            one.close()

    def _accept(self) -> None:
        while True:
            engine = socket.socket(socket.AF_UNIX)
            try:
                client, _ = self._listener.accept()
                engine.connect(_REAL)
            except OSError:
                engine.close()
                return
            with self._lock:
                self._open += [client, engine]
            for one, other in ((client, engine), (engine, client)):
                threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
