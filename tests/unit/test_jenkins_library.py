"""The Jenkins library against what it is made from: nothing in it may drift from the package."""

from __future__ import annotations

import importlib.util
import json
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ecr_push import settings as declared
from tests.unit.report.test_formats import OUTCOMES  # every way to end

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "jenkins"
RESOURCES = LIBRARY / "resources" / "io" / "ecrpush"
EXAMPLES = ROOT / "examples" / "jenkins"
STEP = (LIBRARY / "vars" / "ecrPush.groovy").read_text(encoding="utf-8")
HELP = (LIBRARY / "vars" / "ecrPush.txt").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "jenkins.md").read_text(encoding="utf-8")


def load(path: Path) -> ModuleType:
    loader = SourceFileLoader(path.stem.replace("-", "_"), str(path))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


pack = load(ROOT / "scripts" / "pack-jenkins")
unpack = load(RESOURCES / "unpack.py")
answer = load(RESOURCES / "answer.py")


def test_what_follows_from_the_rest_is_current() -> None:
    stale = [path.name for path, now, wanted in pack.rendered() if now != wanted]
    assert not stale, "run .venv/bin/python scripts/pack-jenkins"
