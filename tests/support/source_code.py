"""Python sources as data: what a module imports."""

from __future__ import annotations

import ast
import functools
from pathlib import Path


@functools.cache
def tree(path: Path) -> ast.Module:
    """A module, parsed; read once a test run."""
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imports(path: Path, *, top_level_only: bool = False) -> frozenset[str]:
    """Full names of what a module imports, `from a import b` as a.b too; type-checking imports left out."""
    module = tree(path)
    nodes: list[ast.AST] = list(module.body) if top_level_only else list(ast.walk(module))
    hidden = {
        child
        for node in ast.walk(module)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    found: set[str] = set()
    for node in nodes:
        if node in hidden:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
    return frozenset(found)
