"""The package in package.txt: one file a line, its path and its content (base64 of zlib).

package.py key                what an installation follows from, as 16 digits
package.py unpack             into the site-packages of the Python that runs this
package.py settle NEW HOME    NEW is renamed to HOME, unless another build was first
package.py prune PLACE HOME   HOME is in use; what nobody used for a week goes from PLACE
"""

import base64
import hashlib
import os
import shutil
import sys
import sysconfig
import time
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
WEEK = 7 * 86_400  # seconds: longer than any build


def files(text):
    """{path: content} of a package.txt. Raises ValueError for a path that leads elsewhere."""
    found = {}
    for line in text.splitlines():
        path, _, content = line.partition(" ")
        if path.startswith("/") or ".." in path.split("/"):
            raise ValueError(f"package.txt: {path} leads out of the package")
        found[path] = zlib.decompress(base64.b64decode(content))
    return found


def key():
    """The sources, the locked dependencies, and the interpreter: another container may have another."""
    parts = [(HERE / name).read_bytes() for name in ("package.txt", "requirements.txt", "install.sh")]
    parts.append(f"{sys.version} {sysconfig.get_platform()} {os.path.realpath(sys.executable)}".encode())
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


def unpack(folder):
    for path, content in files((HERE / "package.txt").read_text(encoding="ascii")).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def settle(new, home):
    try:
        new.rename(home)
    except OSError:
        if not home.is_dir():
            raise


def prune(place, home):
    os.utime(home)
    for one in place.iterdir():
        try:
            if time.time() - one.stat().st_mtime > WEEK:
                shutil.rmtree(one, ignore_errors=True)
        except OSError:  # another build was first
            continue


def main(command, *paths):
    if command == "key":
        print(key())
    elif command == "unpack":
        unpack(Path(sysconfig.get_path("purelib")))
    elif command == "settle":
        settle(*map(Path, paths))
    elif command == "prune":
        prune(*map(Path, paths))


if __name__ == "__main__":
    main(*sys.argv[1:])
