"""A file of repositories -> what they are to be, with every mistake and its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ecr_push.base.errors import SettingsError
from ecr_push.base.reference import check_repository_name
from ecr_push.base.regex import lazy_regex
from ecr_push.upkeep.file import in_order, is_empty
from ecr_push.upkeep.model import Wanted, WantedRepositories
from ecr_push.upkeep.public_read import read_public
from ecr_push.upkeep.read_settings import SettingsReader

_PATTERN = lazy_regex(r"[a-z0-9._/*-]{1,256}")


def read_repositories(
    path: Path, region: Callable[[], str], account: Callable[[], str] = str
) -> WantedRepositories:
    """Raises SettingsError with every mistake.

    region, account: the registry's, asked for where the file needs them: a KMS key has to be in the region,
    and `lambda` means functions of the account.
    """
    reader = _Reader(path, region, account)
    found = reader.file()
    if reader.problems:
        raise SettingsError(
            in_order(reader.problems),
            remedy="docs/repositories.md has what the file may hold; `ecr-push repository show --output "
            "yaml` prints it as the repositories are",
        )
    return found


class _Reader(SettingsReader):
    def file(self) -> WantedRepositories:
        root = self.root()
        if self.problems:
            return WantedRepositories()
        parts = self.entries(root, ("defaults", "repositories", "public")) if root else {}
        public = read_public(self, parts["public"].node) if "public" in parts else {}
        defaults = self.wanted(parts["defaults"].node) if "defaults" in parts else Wanted()
        if "repositories" not in parts and public:
            return WantedRepositories(defaults=defaults, public=public)
        if "repositories" not in parts:
            self.problems.append(f"{self._path}: names no repositories: expected `repositories:`")
            return WantedRepositories()
        named = {}
        entries = self.entries(parts["repositories"].node)
        for name, entry in entries.items():
            self._check_name(name, entry.line)
            is_one = "*" not in name
            named[name] = Wanted() if is_empty(entry.node) else self.wanted(entry.node, is_one=is_one)
        found = WantedRepositories(named, defaults, tuple(self.doubts), public)
        for name, entry in entries.items():
            self.check_together(found.of(name) or Wanted(), entry.line)
        return found

    def _check_name(self, name: str, line: int) -> None:
        if "*" in name:
            if not _PATTERN.fullmatch(name):
                self.complain(line, f"{name!r} is not a pattern of names: expected a-z, 0-9, ._/- and *")
            return
        try:
            check_repository_name(name)
        except ValueError as error:
            self.complain(line, str(error))
