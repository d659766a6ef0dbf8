"""What every kind of settings needs to be read from the file: values, lists, and where the registry is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ecr_push.base.partition import partition_of
from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex
from ecr_push.base.yaml_tree import Entry, Node
from ecr_push.upkeep.file import text_of
from ecr_push.upkeep.read_settings import SettingsReader

T = TypeVar("T")
_ARN = lazy_regex(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):([0-9]*):.+")


class RegistryReader(SettingsReader):
    """place: of the registry that the file is for; its account is "" where it cannot be asked."""

    def __init__(self, path: Path, place: Place) -> None:
        super().__init__(path, lambda: place.region, lambda: place.account)
        self.place = place

    def each(self, name: str, node: Node, read: Callable[[Node], T]) -> list[tuple[int, T]]:
        """What read makes of each item of a list, with its line; what raises ValueError is a mistake.

        name: of what has the list.
        """
        if not isinstance(node.value, tuple):
            self.complain(node.line, f"{name}: expected a list: [ONE, ANOTHER]")
            return []
        found = []
        for one in node.value:
            try:
                found.append((one.line, read(one)))
            except ValueError as error:
                self.complain(one.line, f"{name}: {error}")
        return found

    def texts(self, name: str, node: Node, check: Callable[[str], str]) -> tuple[str, ...]:
        """A list of different texts, sorted. check: what is wrong with one, in words."""

        def read(one: Node) -> str:
            text = text_of(one)
            if problem := check(text):
                raise ValueError(f"{text!r} {problem}")
            return text

        found = self.each(name, node, read)
        self.check_distinct(name, found)
        return tuple(sorted({text for _, text in found}))

    def check_distinct(self, name: str, found: Iterable[tuple[int, Any]]) -> None:
        seen = set[Any]()
        for line, one in found:
            if one in seen:
                self.complain(line, f"{name}: {str(one)!r} is there twice")
            seen.add(one)

    def check_prefixes(self, entries: Mapping[str, Entry]) -> None:
        """To ECR, a prefix of names ends with a slash, whether it is written or not."""
        seen: dict[str, str] = {}
        for prefix, entry in entries.items():
            same = seen.setdefault(prefix.rstrip("/"), prefix)
            if same != prefix:
                self.complain(entry.line, f"{prefix!r} is there twice: it is the same prefix as {same!r}")

    def check_number(self, node: Node, what: str, most: int) -> None:
        if isinstance(node.value, tuple) and len(node.value) > most:
            self.complain(node.line, f"has {len(node.value)} {what}, ECR takes {most}")

    def check_arn(self, arn: str, service: str, *, regional: bool) -> None:
        """Raises ValueError for the ARN of another service, partition or region than the registry's."""
        found = _ARN.fullmatch(arn)
        if not found or found[2] != service:
            raise ValueError(f"{arn!r} is not an ARN of {service}: expected arn:aws:{service}:…")
        if regional and found[3] != self.place.region:
            raise ValueError(f"{arn} is in {found[3]}, and the registry in {self.place.region}")
        if found[1] != (here := partition_of(self.place.region)):
            raise ValueError(f"{arn} is in the partition {found[1]}, and the registry in {here}")
