"""Files -> archives, the same bytes wherever they are made: compiled for each Python, and as sources."""

from __future__ import annotations

import os
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

from bundle.wheels import BundleError

# The least that a zip can say.
_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644
_UNIX = 3


# What `ready.py` writes, and the archive of a Python has.
_PATTERNS = "ready_patterns.bin"
_LOADED = "loaded.txt"


def write(archive: Path, files: Mapping[str, bytes], plain: Set[str] = frozenset()) -> None:
    """Write files by path, in the order of the paths. plain: those that are not compressed."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _DATE)
            entry.create_system, entry.external_attr = _UNIX, _MODE << 16
            entry.compress_type = zipfile.ZIP_STORED if path in plain else zipfile.ZIP_DEFLATED
            opened.writestr(entry, content)


def compiled(
    python: str, files: Mapping[str, bytes], entries: Sequence[str]
) -> tuple[dict[str, bytes], frozenset[str]]:
    """Return files with python's bytecode in the place of each source: `a/b.pyc` for `a/b.py`.

    Beside them the regular expressions of all modules, compiled by python. Then the paths of these
    expressions and of the modules that are loaded with entries, which names some. No time stamp of a source
    is looked at, and a traceback names the path in the archive. Raises BundleError.
    """
    with tempfile.TemporaryDirectory(prefix="ecr-push-bundle-") as name:
        folder = Path(name)
        sources = {path: content for path, content in files.items() if path.endswith(".py")}
        for path, content in sources.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        # Without columns the code is a quarter smaller: a traceback only marks them in a line that it shows,
        # and of the archive it shows none.
        _run(python, ("-X", "no_debug_ranges"), "compile.py", folder, sorted(sources))
        made = {f"{path}c": (folder / f"{path}c").read_bytes() for path in sources}
        _run(python, (), "ready.py", folder, entries)
        made[_PATTERNS] = (folder / _PATTERNS).read_bytes()
        loaded = frozenset((folder / _LOADED).read_text(encoding="utf-8").splitlines())
        kept = {path: of for path, of in files.items() if path not in sources}
        return {**kept, **made}, loaded | {_PATTERNS}


def _run(python: str, flags: Sequence[str], program: str, folder: Path, lines: Sequence[str]) -> None:
    """Run a program of this folder by another Python, in a folder, with lines as its input."""
    done = subprocess.run(
        [python, "-s", "-S", "-B", *flags, Path(__file__).with_name(program)],
        cwd=folder,
        # Python's own variables would matter, and sets of constants are ordered by the hashes of texts.
        env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONHASHSEED": "0", "LC_ALL": "C"},
        input="\n".join(lines),
        text=True,
    )
    if done.returncode:
        raise BundleError(f"{python} could not compile the bundle, see above")
