"""Where things are in the repository."""

from __future__ import annotations

from pathlib import Path

import ecr_push

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(ecr_push.__file__).parent
