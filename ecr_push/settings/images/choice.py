"""Which image a command is for: what is wrong with the names that were given, or with none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecr_push.base.option import OF_CHECKOUT
from ecr_push.base.suggest import did_you_mean
from ecr_push.settings.images_options import SEVERAL, ImagesOptions


def choice_problems(
    given: ImagesOptions, images: Mapping[str, object], command: str, *, chosen: bool, untrusted: bool
) -> Iterator[str]:
    """images: that ecr-push.yml lists. chosen: one of them is what the command is for.

    untrusted: the file was not read, since it may come from a fork.
    """
    if command not in OF_CHECKOUT or chosen:
        return
    if paths := [name for name in given.only if "/" in name]:
        if "://" in paths[0]:
            yield f"{paths[0]!r} is not the name of an image: one directory or address is built"
            return
        hint = (
            "a directory is built alone"
            if paths[0].startswith((".", "/"))
            else f"the repository is given with -r, as in ecr-push {command} -r {paths[0]}"
        )
        yield f"{paths[0]!r} is not the name of an image: {hint}"
        return
    flags = {"--all": given.all_images, "--changed": given.changed, "--only": given.only}
    asked = [flag for flag, is_given in flags.items() if is_given] or ["matrix"] * (command == "matrix")
    if not asked:
        if images:
            more = ", --changed or --all" if command in SEVERAL else ""
            yield f"ecr-push.yml lists images: name one of {', '.join(images)}{more}"
    elif untrusted:
        yield (
            f"{asked[0]}: ecr-push.yml is not read for code that may come from a fork, so its images are not "
            "known: give their directories, one run each, or leave the job out for forks"
        )
    elif not images and len(given.only) > 1:
        yield (
            f"{', '.join(given.only)}: there is no ecr-push.yml that lists images of these names; of "
            "directories one is built"
        )
    elif not images:
        yield f"{asked[0]}: there is no ecr-push.yml that lists images"
    else:
        for name in given.only:
            if name not in images:
                hint = did_you_mean(name, images)
                yield f"{name!r}: ecr-push.yml lists no such image, but {', '.join(images)}{hint}"
        if len(given.only) > 1 and command not in SEVERAL:
            yield f"--only: {command} is for one image, not for {len(given.only)}"
