"""Files -> archives, the same bytes wherever they are made: compiled for each Python, and as sources."""

from __future__ import annotations

import os
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from bundle.wheels import BundleError

# The least that a zip can say.
_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644
_UNIX = 3


def write(archive: Path, files: Mapping[str, bytes]) -> None:
    """Write files by path, in the order of the paths."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _DATE)
            entry.create_system, entry.external_attr = _UNIX, _MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(entry, content)


def compiled(python: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files with python's bytecode in the place of each source: `a/b.pyc` for `a/b.py`.

    No time stamp of a source is looked at, and a traceback names the path in the archive. Raises BundleError.
    """
    with tempfile.TemporaryDirectory(prefix="ecr-push-bundle-") as name:
        folder = Path(name)
        sources = {path: content for path, content in files.items() if path.endswith(".py")}
        for path, content in sources.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        done = subprocess.run(
            # Without columns the code is a quarter smaller: a traceback only marks them in a line that it
            # shows, and of the archive it shows none.
            [python, "-s", "-S", "-B", "-X", "no_debug_ranges", Path(__file__).with_name("compile.py")],
            cwd=folder,
            # Python's own variables would matter, and sets of constants are ordered by the hashes of texts.
            env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONHASHSEED": "0", "LC_ALL": "C"},
            input="\n".join(sorted(sources)),
            text=True,
        )
        if done.returncode:
            raise BundleError(f"{python} could not compile the bundle, see above")
        made = {f"{path}c": (folder / f"{path}c").read_bytes() for path in sources}
        return {**{path: of for path, of in files.items() if path not in sources}, **made}
