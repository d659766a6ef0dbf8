"""Which images have to run: those whose last image in the registry is not what the checkout says now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ecr_push.base import background
from ecr_push.base.errors import SettingsError
from ecr_push.pipeline.images.last_image import (
    Last,
    OpenRepository,
    Registered,
    last_images,
    newest,
    registered,
)
from ecr_push.pipeline.images.moved_bases import LastBuilds, LookUp, moved_bases, outside_bases
from ecr_push.pipeline.images.wanted import Decision, ImagesFile, Wanted
from ecr_push.registry.options import target_of
from ecr_push.release.tag_owner import read_labels
from ecr_push.settings.images.content import Content
from ecr_push.settings.images.paths import touches
from ecr_push.source.git.compare import merge_base, tags_of_commits, text_at, tree_of
from ecr_push.source.head import Head
from ecr_push.tags.branch_slug import branch_slug
from ecr_push.tags.labels import BRANCH_LABEL
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.choice import parse_scheme
from ecr_push.versions.schemes.scheme import Scheme

_SHOWN = 12  # digits of a commit
_LATEST = "latest"


def changed_since(commit: str, wanted: Sequence[Wanted], head: Head, file: ImagesFile) -> list[Decision]:
    """Compares all with one commit; the registry is not asked, so that no tag is known.

    A git tag of an image's version on this commit makes it run, too.
    """
    (files,) = head.files_since([tree_of(head.git, commit)])
    earlier = _Earlier(head, file, {commit: files})
    found = []
    for one in wanted:
        why = earlier.why(one, commit, files) or _release_here(one, head)
        found.append(Decision(one.name, bool(why), why or f"nothing changed since {commit[:_SHOWN]}"))
    return found


def base_of(since: str, head: Head) -> str:
    """The commit to compare with: where HEAD left since, or a pull request its target. "" for none.

    Raises SettingsError for a commit that is not there.
    """
    if not since:
        return head.base
    if not (found := merge_base(head.git, since, head.built.id)):
        raise SettingsError(
            [f"--since {since}: it is not a commit of this clone, or has no commit in common with HEAD"],
            remedy="name a commit or a branch that the clone has, such as origin/main",
        )
    return found


def changed_since_last(
    wanted: Sequence[Wanted],
    head: Head,
    file: ImagesFile,
    open_repository: OpenRepository,
    look_up: LookUp,
    warn: Callable[[str], None],
) -> list[Decision]:
    """Compares each with its own last image in the registry, and its base images with those of now.

    warn: of base images that could not be asked for. Raises RegistryError.
    """
    outside = background.start(partial(outside_bases, wanted), "read base images")
    git_tags = background.start(partial(tags_of_commits, head.git), "read git tags")
    there = registered(wanted, head, open_repository)
    lasts, reasons = _compared(wanted, head, file, there)
    unchanged = [
        LastBuilds(one, [(tag, has.tags[tag]) for tag in last.tags])
        for one, has, last, why in zip(wanted, there, lasts, reasons, strict=True)
        if last and not why
    ]
    due, current = moved_bases(unchanged, outside.result(), open_repository, look_up, warn)
    reasons = [why or due.get(one.name, "") for one, why in zip(wanted, reasons, strict=True)]

    def decide(one: Wanted, has: Registered, last: Last | None, why: str) -> Decision:
        if last is None:
            return Decision(one.name, True, why)
        last = replace(last, tags=(current.get(one.name, last.tag),))
        why = why or _unreleased(one, head.tags, has) or _unfinished(one, head, has, last)
        why = why or _of_another_branch(one, head, has, last, open_repository)
        if why:
            return Decision(one.name, True, why)
        there = f"{one.settings.registry.repository}:{last.tag} has it"
        stopped = _unreleased(one, git_tags.result().get(last.step.commit, ()), has)
        note = f", but {stopped}: run at that commit, {last.step.commit[:_SHOWN]}" if stopped else ""
        return Decision(one.name, False, f"{there}{note}", last.tag)

    calls = [partial(decide, *each) for each in zip(wanted, there, lasts, reasons, strict=True)]
    return background.all_of(calls, "compare image")


def unchanged_images(
    wanted: Sequence[Wanted], head: Head, file: ImagesFile, open_repository: OpenRepository
) -> list[tuple[str, str]]:
    """The tag of each that has what the checkout says now; "" and why where the registry has none.

    Raises RegistryError.
    """
    there = registered(wanted, head, open_repository)
    lasts, reasons = _compared(wanted, head, file, there)
    return [
        ("" if why or last is None else _newest(one, last, open_repository), why)
        for one, last, why in zip(wanted, lasts, reasons, strict=True)
    ]


def _newest(one: Wanted, last: Last, open_repository: OpenRepository) -> str:
    if len(last.tags) == 1:
        return last.tag
    return newest(last.tags, open_repository(target_of(one.settings.registry)))


def _compared(
    wanted: Sequence[Wanted], head: Head, file: ImagesFile, there: Sequence[Registered]
) -> tuple[list[Last | None], list[str]]:
    """The last image of each, and what changed since, in words; "" for nothing."""
    lasts = last_images(there, head)
    steps = {last.step.commit: last.step for last in lasts if last}
    files = dict(zip(steps, head.files_since([step.tree for step in steps.values()]), strict=True))
    earlier = _Earlier(head, file, files)

    def why(one: Wanted, has: Registered, last: Last | None) -> str:
        if one.shares:
            return f"{one.settings.registry.repository} has other images too: its last one is not known"
        if last is None:
            return f"{one.settings.registry.repository} has no image{' of this history' * bool(has.tags)}"
        return earlier.why(one, last.step.commit, files[last.step.commit])

    return lasts, [why(*each) for each in zip(wanted, there, lasts, strict=True)]


class _Earlier:
    """What ecr-push.yml said of each image in earlier commits: read where it changed since."""

    def __init__(self, head: Head, file: ImagesFile, files: Mapping[str, Sequence[str]]) -> None:
        self._contents: dict[str, Mapping[str, Content]] = {
            commit: file.contents(text_at(head.git, commit, file.path))
            for commit, changed in files.items()
            if file.path in changed
        }
        self._file = file.path

    def why(self, one: Wanted, commit: str, changed: Sequence[str]) -> str:
        """What changed of an image since a commit, in words; "" for nothing."""
        touched = [file for file in touches(one.paths, changed) if file != self._file or one.paths]
        if touched:
            more = f" and {len(touched) - 1} more" if len(touched) > 1 else ""
            return f"{touched[0]}{more} changed since {commit[:_SHOWN]}"
        if commit not in self._contents:
            return ""
        before = self._contents[commit].get(one.name)
        if before is None:
            return f"{self._file} did not list it in {commit[:_SHOWN]}"
        keys = [key for key in {**before, **one.content} if before.get(key) != one.content.get(key)]
        return f"its {_words(keys)} changed in {self._file} since {commit[:_SHOWN]}" if keys else ""


def _words(keys: Sequence[str]) -> str:
    return ", ".join(key.replace("_", "-") for key in keys)


def _releases(one: Wanted, tags: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Those of a commit's git tags that are versions of the image, and the tag that each gives it."""
    if not tags:
        return
    prefix, scheme = one.settings.source.tag_prefix, parse_scheme(one.settings.versions.version_scheme)
    for tag in tags:
        number = scheme.read(tag.removeprefix(prefix)) if tag.startswith(prefix) else None
        if number:
            yield tag, number.text


def _release_here(one: Wanted, head: Head) -> str:
    return next((f"the git tag {tag} is on this commit" for tag, _ in _releases(one, head.tags)), "")


def _unreleased(one: Wanted, tags: Sequence[str], has: Registered) -> str:
    """The version that a commit is by its git tags, where the registry lacks it; rules name it anyhow."""
    if one.settings.tags.tag_rules or one.settings.tags.naming == "metadata-action":
        return ""
    missing = (tag for tag, name in _releases(one, tags) if name not in has.tags)
    return next((f"the git tag {tag} is not released" for tag in missing), "")


def _unfinished(one: Wanted, head: Head, has: Registered, last: Last) -> str:
    """Why the image of this very commit has to run again: it has the commit's tag, and not all that follow.

    Another branch built it, or its run stopped on the way: the commit's tag is the first that is set. The run
    then finds the image, and builds nothing.
    """
    if last.step.commit != head.built.id:
        return ""
    if one.settings.registry.to:
        return f"{last.tag} is of this commit, and the other repositories may lack it"
    tags = one.settings.tags
    if tags.tag_rules or tags.naming == "metadata-action":
        return ""
    scheme, releases = parse_scheme(one.settings.versions.version_scheme), [*_releases(one, head.tags)]
    wanted = dict.fromkeys(_lines(scheme, releases, has) if tags.floating_tags != "none" else ())
    if tags.floating_tags == "latest":
        wanted = {name: None for name in wanted if name == _LATEST}
    branch = ""
    if head.branch and not releases and tags.floating_tags == "all":
        branch = branch_slug(head.branch, (), scheme).name
        wanted[branch] = None
    behind = next((name for name in wanted if has.tags.get(name) != has.tags.get(last.tag)), "")
    if not behind:
        return ""
    if behind == branch:
        return f"{last.tag} was built for another branch, or not to its end: {behind} does not name it"
    return f"{last.tag} was not released to its end: {behind} does not name it"


def _of_another_branch(
    one: Wanted, head: Head, has: Registered, last: Last, open_repository: OpenRepository
) -> str:
    """Why an image of an earlier commit has to run here: a branch that was merged without a commit built it,
    and no run of this branch has released it since, so that this branch's tag names an older one.

    A branch that has no tag yet has begun with that image. If the image was built for this branch, the tag
    was rolled back, and stays.
    """
    tags = one.settings.tags
    if last.step.commit == head.built.id or not head.branch or tags.floating_tags != "all":
        return ""
    if tags.tag_rules or tags.naming == "metadata-action":
        return ""
    branch = branch_slug(head.branch, (), parse_scheme(one.settings.versions.version_scheme)).name
    image = has.tags.get(last.tag)
    if image is None or has.tags.get(branch, image) == image:
        return ""
    other = read_labels(open_repository(target_of(one.settings.registry)), image).get(BRANCH_LABEL, "")
    if other in ("", head.branch):
        return ""
    return f"{last.tag} was built for the branch {other}: {branch} does not name it"


def _lines(scheme: Scheme, releases: Iterable[tuple[str, str]], has: Registered) -> Iterator[str]:
    """The tags that float on these versions, as far as the registry has no higher one of their line."""
    for _, text in releases:
        number = scheme.read(text)
        if number is None or not number.is_final:
            continue
        named = {numbers: scheme.line_text(number, numbers) for numbers in scheme.lines(number)}
        for numbers, name in {**named, (): _LATEST}.items():
            if not Line(scheme, numbers, text).higher(has.tags):
                yield name
