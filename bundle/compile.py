"""Compiles the sources that standard input names, one a line, below the current folder: a/b.py to a/b.pyc.

The Python that the result is for runs it. A code object's bytes depend on which texts its interpreter holds
already; so the order is given, and nothing here keeps a part of a path, as pathlib does.
"""

import gc
import py_compile
import sys


def main():
    gc.disable()
    for path in sys.stdin.read().splitlines():
        py_compile.compile(
            path,
            cfile=path + "c",
            dfile=path,
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            # Docstrings are a tenth of the code. Those of the command line are its help.
            optimize=0 if path.startswith("ecr_push/cli/") else 2,
        )


if __name__ == "__main__":
    main()
