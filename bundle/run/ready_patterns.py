"""Regular expressions that are compiled already: to compile a run's 130 is a twelfth of what it computes.

Python's own compiler made them when the archive was made, see bundle/ready.py. Any other pattern is compiled.
"""

import _sre
import marshal
import sys

try:
    from re import _compiler
except ImportError:  # Python 3.10
    import sre_compile as _compiler


def use(content):
    """Takes the patterns of an archive, where they are for this machine's Python."""
    kind, ready = marshal.loads(content)
    if kind != (_sre.MAGIC, _sre.CODESIZE, sys.byteorder):
        return
    compiles = _compiler.compile

    def compile_if_needed(pattern, flags=0):
        found = ready.get((pattern, flags)) if isinstance(pattern, (str, bytes)) else None
        if found is None:
            return compiles(pattern, flags)
        all_flags, code, groups, names, order = found
        return _sre.compile(pattern, all_flags, memoryview(code).cast("I").tolist(), groups, names, order)

    _compiler.compile = compile_if_needed
