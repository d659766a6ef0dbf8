"""Settings + CiFacts -> Source, Version: what is built, and which version it is. Reads the checkout alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.base.errors import SourceError
from ecr_push.base.fences import Fences
from ecr_push.base.paths import find_top
from ecr_push.builder.buildkit_values import context_of, folder_of
from ecr_push.ci.facts import CiFacts
from ecr_push.registry.options import target_of
from ecr_push.settings.declare import Settings
from ecr_push.source.changes import read_changes
from ecr_push.source.git.checkout import Seen
from ecr_push.source.git.read_options import GitReadOptions
from ecr_push.source.git_context import address_of
from ecr_push.source.model import Source
from ecr_push.source.read import read_source
from ecr_push.versions.conventional_commits import GREP, Decision, decide
from ecr_push.versions.derive import derive_version
from ecr_push.versions.history import ReleaseHistory
from ecr_push.versions.options import Strategy
from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.unread_tags import unread_tag_notes
from ecr_push.versions.version import Version
from ecr_push.versions.versioning import Versioning

if TYPE_CHECKING:
    from ecr_push.versions.files.content import Stated


def read_source_and_version(
    settings: Settings,
    facts: CiFacts,
    now: datetime,
    say: Callable[[str], None] = lambda news: None,
    seen: Seen | None = None,
) -> tuple[Source, Version]:
    """Reads the source and derives its version.

    now: the commit's time if neither git nor the CI knows it. say: called before the network is used.
    seen: what is known of the checkout already.

    Raises SourceError, with a remedy, if the checkout lacks something that must be known.
    """
    versioning = _versioning(settings)
    reading = _reading(settings, versioning, seen)
    source = read_source(Path(settings.source.context), facts, reading, now=now, say=say)
    version = derive_version(
        source.history,
        versioning,
        decision=_decide(source, versioning, reading, settings) if reading.need_commits else None,
        stated=_stated(settings) if versioning.strategy == "file" else None,
    )
    notes = _unread_tags(settings, source.history, version)
    return replace(source, notes=source.notes + notes), version


def _unread_tags(settings: Settings, history: ReleaseHistory, version: Version) -> tuple[str, ...]:
    """Warnings about git tags that are not versions. Rules read a commit's tags, and say so themselves."""
    as_peer = settings.tags.naming == "metadata-action"
    if as_peer and not history.tag_prefix:
        return ()  # the rules name everything there, the label too
    if as_peer or settings.tags.tag_rules:
        history = replace(history, run_tag="", tags=())
    return unread_tag_notes(history, version)


def _versioning(settings: Settings) -> Versioning:
    """The settings that decide on the version."""
    strategy: Strategy = settings.versions.version_strategy
    if settings.versions.version:
        strategy = "explicit"
    elif settings.versions.version_file:
        strategy = "file"
    return Versioning(
        strategy,
        parse_scheme(settings.versions.version_scheme),
        settings.versions.channels,
        settings.versions.version,
        settings.release.git_tag,
    )


def _reading(settings: Settings, versioning: Versioning, seen: Seen | None) -> GitReadOptions:
    paths = settings.source.paths
    if settings.source.tag_prefix and not paths:
        paths = _within_checkout(Path(settings.source.context))
    return GitReadOptions(
        scheme=versioning.scheme,
        tag_prefix=settings.source.tag_prefix,
        paths=paths,
        need_commits=versioning.strategy == "conventional",
        deepen=settings.source.deepen,
        seen=seen,
        content=_content(settings) if seen else (),
    )


def _content(settings: Settings) -> tuple[str, ...]:
    """The paths that go into an image of ecr-push.yml, from the checkout's top; () where it may be all of it.

    They are those that count for it, and what the command line adds. A file that states the version is in the
    context, unless it is named.
    """
    added = (folder_of(context_of(one)[1]) for one in settings.builder.build_contexts)
    folders = [_within_checkout(Path(one)) for one in (settings.source.context, *filter(None, added))]
    if settings.versions.version_file or not all(folders):
        return ()
    return tuple(dict.fromkeys((*(path for one in folders for path in one), *settings.source.paths)))


def title_of(settings: Settings, source: Source) -> str:
    """What an image of a folder of the checkout is called: the last part of its repository's name, or the
    folder's name where no repository is given. "" for an image of the whole checkout, which has its name.
    """
    context = settings.source.context
    folder = Path(context).resolve()
    whole = address_of(context) or folder == source.root.resolve()
    if whole and not settings.source.tag_prefix:
        return ""
    return target_of(settings.registry).name.rpartition("/")[2] or folder.name


def _within_checkout(context: Path) -> tuple[str, ...]:
    """The build's directory relative to the checkout's root; empty if it is the root."""
    folder = context.resolve()
    top = find_top(folder)
    path = folder.relative_to(top).as_posix() if top else "."
    return () if path == "." else (path,)


def _decide(source: Source, versioning: Versioning, reading: GitReadOptions, settings: Settings) -> Decision:
    last = versioning.scheme.read(source.history.nearest_final)
    changes = read_changes(source, paths=reading.paths, patterns=GREP)
    try:
        return decide(
            ((change.commit, change.message) for change in changes),
            last.release if last else (),
            frozenset(settings.versions.commit_scopes),
        )
    finally:
        changes.close()


def _stated(settings: Settings) -> Stated:
    from ecr_push.versions.files.read import find_version_file, read_version_file

    context = Path(settings.source.context)
    path = (
        Path(settings.versions.version_file) if settings.versions.version_file else find_version_file(context)
    )
    if path is None:
        raise SourceError(
            f"no file in {context} states a version",
            why="looked for: pyproject.toml, package.json, Cargo.toml, VERSION, pom.xml, Chart.yaml",
            remedy="name it with --version-file",
        )
    return read_version_file(path, Fences.of(context))
