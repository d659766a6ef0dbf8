"""What this process has started ends with it, even if it is killed: a shell notices, and ends it.

PR_SET_PDEATHSIG is Linux's alone, and reaches neither grandchildren nor survives the end of a thread.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading

# Killed, this process cannot end its programs, and docker's plugins and the children of git would not notice:
# they are grandchildren, and write nothing for minutes. The kernel closes the pipe that this shell reads.
# Not every sleep(1) takes parts of a second.
_WATCHER = """\
trap '' HUP INT TERM
targets=
while read -r sign target; do
  rest=
  for one in $targets; do [ "$one" = "$target" ] || rest="$rest $one"; done
  targets=$rest
  [ "$sign" != + ] || targets="$targets $target"
done
[ -n "$targets" ] || exit 0
for target in $targets; do kill -s TERM -- "$target"; done
turns=30
while [ "$turns" -gt 0 ]; do
  left=
  for target in $targets; do kill -s 0 -- "$target" && left=yes; done
  [ -n "$left" ] || exit 0
  sleep 0.1 || { sleep 1; turns=$((turns - 9)); }
  turns=$((turns - 1))
done
for target in $targets; do kill -s KILL -- "$target"; done
"""

_lock = threading.Lock()
_watcher: subprocess.Popen[str] | None = None
_closed = False


def tie(group: int) -> None:
    """The group of processes ends with this process, even if it is killed, until `untie`."""
    _tell(f"+ -{group}\n")


def untie(group: int) -> None:
    _tell(f"- -{group}\n")


def tie_one(process: int) -> None:
    """The same for a process that is in the group of this one, without its children."""
    _tell(f"+ {process}\n")


def untie_one(process: int) -> None:
    _tell(f"- {process}\n")


def close() -> None:
    """Ends the watcher, once everything that it watches has ended."""
    global _closed
    with _lock:
        _closed = True
        watcher = _watcher
    if watcher and watcher.stdin:
        with contextlib.suppress(OSError):
            watcher.stdin.close()
        watcher.wait()


def _tell(line: str) -> None:
    global _watcher
    # Without a shell, or once it was killed itself, nothing is promised; the run goes on.
    with _lock, contextlib.suppress(OSError):
        if _watcher is None and not _closed:
            _watcher = subprocess.Popen(
                ("sh", "-c", _WATCHER),  # noqa: S607 - where it is differs
                env={"PATH": "/usr/bin:/bin"},
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
                bufsize=1,
                start_new_session=True,  # it outlives this process, and whatever ends its group
            )
        if _watcher and _watcher.stdin and not _closed:
            _watcher.stdin.write(line)
