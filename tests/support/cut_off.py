"""Programs without a network: in a namespace whose loopback leads to one server here, and nowhere else.

The server is reached through a socket in the file system, which a namespace of networks does not hide.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path
from types import TracebackType

# Runs in the namespace: sets its loopback up, leads the server's port to the socket, and starts the program.
_INSIDE = """\
import fcntl, os, socket, struct, subprocess, sys, threading
sys.path.insert(0, sys.argv[1])
from tests.support.cut_off import serve
port, path = int(sys.argv[2]), sys.argv[3]
UP, SET_FLAGS = 1, 0x8914  # IFF_UP, SIOCSIFFLAGS: netdevice(7)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", UP))
server = socket.create_server(("127.0.0.1", port))
serve(server, socket.AF_UNIX, path)
sys.exit(subprocess.run(sys.argv[4:]).returncode)
"""


class CutOff:
    """For as long as it lasts, a program after `command` reaches host, 127.0.0.1:PORT, and no other."""

    def __init__(self, folder: Path, host: str) -> None:
        self._port = int(host.rpartition(":")[2])
        self._path = folder.with_suffix(".sock")
        self._server = socket.socket(socket.AF_UNIX)

    @property
    def command(self) -> list[str]:
        root = Path(__file__).parent.parent.parent
        inside = [sys.executable, "-c", _INSIDE, str(root), str(self._port), str(self._path)]
        return ["unshare", "--net", *([] if os.getuid() == 0 else ["--map-root-user"]), *inside]

    def __enter__(self) -> CutOff:
        self._server.bind(str(self._path))
        self._server.listen()
        serve(self._server, socket.AF_INET, ("127.0.0.1", self._port))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()


def serve(server: socket.socket, family: socket.AddressFamily, address: str | tuple[str, int]) -> None:
    """Leads each connection to server on to address, in threads that end with the process."""

    def accept() -> None:
        while True:
            try:
                here, _ = server.accept()
            except OSError:  # closed
                return
            threading.Thread(target=_lead_on, args=(here, family, address), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def _lead_on(here: socket.socket, family: socket.AddressFamily, address: str | tuple[str, int]) -> None:
    with here, socket.socket(family) as there:
        there.connect(address)
        answers = threading.Thread(target=_pump, args=(there, here), daemon=True)
        answers.start()
        _pump(here, there)
        answers.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # one of the two is gone
        return
