"""What repositories cost, as a table for a terminal and as a document for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ecr_push.base.sizes import megabytes
from ecr_push.upkeep.costs.model import GB, KINDS, Costs, RepositoryCosts

_LEAST = 0.005  # of which a hundredth is shown
_WORDS = {one: one.upper() for one in KINDS}


def money(amount: float) -> str:
    """`12.34`; what is less than a hundredth, and more than nothing, says so."""
    return "<0.01" if 0 < amount < _LEAST else f"{amount:,.2f}"


def size(number: int) -> str:
    return f"{number / GB:,.1f} GB" if number >= GB else megabytes(number) if number else "0 MB"


def shown_kinds(found: Costs) -> list[str]:
    """Those that cost something, and storage."""
    return [kind for kind in KINDS if kind == "storage" or found.amount(kind)]


def lines_of(found: Costs) -> Iterator[str]:
    if not found.repositories:
        yield "There is no repository."
        return
    kinds = shown_kinds(found)
    saves = any(one.saving for one in found.repositories)
    rows = [("REPOSITORY", "IMAGES", "SIZE", *(_WORDS[kind] for kind in kinds), "A MONTH")]
    rows += [_row(one, kinds) for one in found.repositories]
    amounts = [money(found.amount(kind)) for kind in kinds]
    images = str(sum(one.images for one in found.repositories))
    rows.append(
        ("total", images, size(_bytes(found)), *amounts, f"{money(found.total)} {found.prices.currency}")
    )
    if saves:
        cells = [money(one.saving.amount) if one.saving else "-" for one in found.repositories]
        column = ["POLICY SAVES", *cells, money(found.saving)]
        rows = [(*row, cell) for row, cell in zip(rows, column, strict=True)]
    yield from _table(rows)
    yield ""
    yield from sentences_of(found)


def sentences_of(found: Costs) -> Iterator[str]:
    """What the table does not say, a sentence a line."""
    prices = found.prices
    of = f"{prices.region} in {prices.currency}, {prices.date}: {prices.source}"
    yield f"Prices of {of}. A GB is 2^30 bytes."
    refused = sum(one.refused for one in found.repositories)
    if refused:
        scanned = sum(one.scanned for one in found.repositories)
        yield (
            f"Of {scanned} images that Inspector scanned first within a month {refused} have no release's "
            f"tag: {money(refused * prices.scan)} {prices.currency}."
        )
    deleted = sum(one.saving.deleted for one in found.repositories if one.saving)
    archived = sum(one.saving.archived for one in found.repositories if one.saving)
    if deleted or archived:
        freed = size(sum(one.saving.bytes for one in found.repositories if one.saving))
        also = f", and archives {archived}, which saves {money(_archive_saving(found))}" if archived else ""
        yield f"Within a month the lifecycle policy deletes {deleted} images, {freed}{also}."
    for note in found.notes:
        yield f"{note[0].upper()}{note[1:]}."


def document_of(found: Costs) -> dict[str, Any]:
    return {
        "prices": {_camel(name): value for name, value in vars(found.prices).items()},
        "amount": round(found.total, 4),
        "saving": round(found.saving, 4),
        "repositories": [
            {
                "name": one.name,
                "images": one.images,
                "bytes": one.bytes,
                "archivedBytes": one.archived_bytes,
                "bytesAreExact": one.layers_read,
                "imagesScanned": one.scanned,
                "imagesScannedWithoutRelease": one.refused,
                "amounts": {kind: round(amount, 4) for kind, amount in one.amounts.items()},
                "amount": round(one.total, 4),
                "saving": {
                    "imagesDeleted": one.saving.deleted,
                    "imagesArchived": one.saving.archived,
                    "bytesDeleted": one.saving.bytes,
                    "amount": round(one.saving.amount, 4),
                }
                if one.saving
                else None,
            }
            for one in found.repositories
        ],
        "notes": list(found.notes),
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _bytes(found: Costs) -> int:
    return sum(one.bytes + one.archived_bytes for one in found.repositories)


def _archive_saving(found: Costs) -> float:
    """What is saved by archiving alone."""
    deleted = sum(one.saving.bytes for one in found.repositories if one.saving) / GB * found.prices.storage
    return max(0.0, found.saving - deleted)


def _row(one: RepositoryCosts, kinds: Sequence[str]) -> tuple[str, ...]:
    least = "" if one.layers_read else "≤"
    amounts = (money(one.amounts[kind]) for kind in kinds)
    return (
        one.name,
        str(one.images),
        least + size(one.bytes + one.archived_bytes),
        *amounts,
        money(one.total),
    )


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
