"""Unpacks package.txt into the site-packages of the Python that runs this.

One file a line: its path, and its content as base64 of zlib.
"""

import base64
import sysconfig
import zlib
from pathlib import Path


def files(text):
    """{path: content} of a package.txt. Raises ValueError for a path that leads elsewhere."""
    found = {}
    for line in text.splitlines():
        path, _, content = line.partition(" ")
        if path.startswith("/") or ".." in path.split("/"):
            raise ValueError(f"package.txt: {path} leads out of the package")
        found[path] = zlib.decompress(base64.b64decode(content))
    return found


def main():
    packed = Path(__file__).with_name("package.txt")
    for path, content in files(packed.read_text(encoding="ascii")).items():
        target = Path(sysconfig.get_path("purelib")) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


if __name__ == "__main__":
    main()
