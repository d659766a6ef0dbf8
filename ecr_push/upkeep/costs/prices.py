"""The prices that ship with the tool, and those of a file that replaces them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ecr_push.base.errors import SettingsError
from ecr_push.base.yaml_tree import Node
from ecr_push.upkeep.costs.model import Prices
from ecr_push.upkeep.file import FileReader, text_of

# US East (N. Virginia). AWS's own pages are https://aws.amazon.com/ecr/pricing/,
# https://aws.amazon.com/inspector/pricing/ and https://aws.amazon.com/ec2/pricing/on-demand/. The archive:
# https://hub.pointfive.co/inefficiencies/ecr-archive-storage-class-used-below-150-tb-threshold; the others:
# https://cloudburn.io/blog/amazon-ecr-pricing, but for the transfer, which is EC2's between regions.
SHIPPED = Prices(
    source="aws.amazon.com/ecr/pricing and /inspector/pricing, as others reported them",
    date="2026-03",
    region="us-east-1",
    currency="USD",
    storage=0.10,
    archive=0.10,
    archive_beyond=0.07,
    archive_threshold=150 * 1024,
    transfer=0.02,
    scan=0.09,
    scan_again=0.01,
)
_NUMBERS = {
    "storage": "storage",
    "archive": "archive",
    "archive-beyond": "archive_beyond",
    "archive-threshold": "archive_threshold",
    "transfer": "transfer",
    "scan": "scan",
    "scan-again": "scan_again",
}
_TEXTS = ("source", "date", "region", "currency")


def read_prices(path: Path) -> Prices:
    """Raises SettingsError with every mistake, each with its line. Every price has to be there."""
    reader = FileReader(path)
    root = reader.root()
    found: dict[str, Any] = {}
    if not reader.problems:
        entries = reader.entries(root, (*_TEXTS, *_NUMBERS)) if root else {}
        kinds: dict[str, Callable[[Node], Any]] = dict.fromkeys(_TEXTS, text_of) | dict.fromkeys(
            _NUMBERS, _number
        )
        for name, read in kinds.items():
            if name not in entries:
                reader.problems.append(f"{path}: {name} is missing")
                continue
            try:
                found[_NUMBERS.get(name, name)] = read(entries[name].node)
            except ValueError as error:
                reader.complain(entries[name].line, f"{name}: {error}")
    if reader.problems:
        raise SettingsError(reader.problems, remedy="docs/costs.md has a whole price list")
    return Prices(**found)


def _number(node: Node) -> float:
    text = text_of(node)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"{text!r} is not a price: expected a number such as 0.10")
    return number
