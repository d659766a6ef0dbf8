"""Writes what a Python has ready for the modules below the current folder, beside them.

`loaded.txt` has the path of each that is loaded with the modules that standard input names, one a line.
`ready_patterns.bin` has the regular expressions that the modules compile when they are imported, with those
of Python's own library that they import, and the constant ones in functions of what is loaded, as this Python
compiles them; `run/ready_patterns.py` reads it.

The Python that the result is for runs it.
"""

from __future__ import annotations

import marshal
import re
import sys
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    from re import _compiler
else:
    import sre_compile as _compiler
if TYPE_CHECKING:
    from pathlib import Path

_FUNCTIONS = ("compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
_engine: Any = vars(_compiler)["_sre"]


class Recorder:
    """In the place of the module that makes a pattern of its code."""

    def __init__(self) -> None:
        self.made: tuple[Any, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(_engine, name)

    def compile(self, pattern: Any, flags: int, code: Any, groups: int, names: Any, order: Any) -> Any:
        packed = b"".join(one.to_bytes(_engine.CODESIZE, sys.byteorder) for one in code)
        self.made = (int(flags), packed, groups, dict(names), tuple(order))
        return _engine.compile(pattern, flags, code, groups, names, order)


def record() -> dict[tuple[Any, int], tuple[Any, ...]]:
    """Return {(pattern, flags): what makes it}, which is filled as patterns are compiled."""
    found: dict[tuple[Any, int], tuple[Any, ...]] = {}
    compiler: Any = _compiler
    recorder = compiler._sre = Recorder()
    compiles = compiler.compile

    def compile_and_record(pattern: Any, flags: int = 0) -> Any:
        compiled = compiles(pattern, flags)
        found[pattern, int(flags)] = recorder.made
        return compiled

    compiler.compile = compile_and_record
    return found


def loaded_with(names: list[str], folder: Path) -> list[str]:
    """Import modules by name. Return the paths of those below the folder that are loaded then."""
    for name in names:
        __import__(name)
    files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    return sorted(one.removeprefix(f"{folder}/") for one in files if one.startswith(f"{folder}/"))


def import_all(folder: Path) -> None:
    for path in sorted(folder.rglob("*.py")):
        if path.stem not in ("__init__", "__main__"):
            try:
                __import__(path.relative_to(folder).with_suffix("").as_posix().replace("/", "."))
            except Exception:
                continue


def compile_constants(paths: list[Path]) -> None:
    """Compile the constant patterns that stand in functions: `re.sub("a+", …)`."""
    import ast
    import warnings

    warnings.simplefilter("ignore")  # of a module's author, not of ours
    for source in (path.read_bytes() for path in paths):
        for node in ast.walk(ast.parse(source)) if b"re." in source else ():
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re"), attr=name),
                    args=[ast.Constant(value=str() | bytes() as pattern), *others],
                    keywords=[],
                ) if name in _FUNCTIONS and not (others and name == "compile"):  # few have flags
                    re.compile(pattern)


def main() -> None:
    found = record()  # before anything else is imported
    from pathlib import Path

    folder = Path.cwd()
    sys.path.insert(0, str(folder))
    from ecr_push.base import regex

    regex.lazy_regex = re.compile
    loaded = loaded_with(sys.stdin.read().splitlines(), folder)
    Path("loaded.txt").write_text("".join(f"{one}c\n" for one in loaded), encoding="utf-8")
    import_all(folder)
    compile_constants([folder / one for one in loaded])
    kind = (_engine.MAGIC, _engine.CODESIZE, sys.byteorder)
    in_order = dict(sorted(found.items(), key=repr))
    # Later versions of the format depend on what else refers to an object.
    Path("ready_patterns.bin").write_bytes(marshal.dumps((kind, in_order), 2))


if __name__ == "__main__":
    main()
