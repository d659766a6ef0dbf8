"""`ecr-push render`: writes an image into the files that deploy it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecr_push.delivery.render import Rendered

_IMAGE = f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/shop@sha256:{'7f' * 32}"
_VALUES = "--key image.repository=repository --key image.digest=digest"
EXAMPLES = (
    ("Print a manifest with the image", f"ecr-push render {_IMAGE} k8s/shop.yaml"),
    (
        "Change a container of a task definition",
        f"ecr-push render {_IMAGE} task.json --container web --write",
    ),
    ("Change the values of a chart", f"ecr-push render {_IMAGE} values.yaml {_VALUES} --write"),
    ("Does a cluster's repository name this image?", f"ecr-push render {_IMAGE} k8s/*.yaml --check"),
    (
        "Only if the image was judged, accepted and signed",
        f"ecr-push render {_IMAGE} k8s/shop.yaml --write --verify --sign-key cosign.pub",
    ),
)


@command("render", EXAMPLES)
@click.argument("image")
@click.argument("files", metavar="FILE…", nargs=-1, required=True)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="PATH[=PART]",
    help="A key that gets the image, or its PART: repository, registry, name or digest; may be repeated.",
)
@click.option(
    "--write", is_flag=True, help="Change the files. Without this the only FILE is printed, changed."
)
@click.option(
    "--check", is_flag=True, help="Change and print nothing; end with 13 if a file names another image."
)
def render(
    call: Call,
    image: str,
    files: tuple[str, ...],
    keys: tuple[str, ...],
    write: bool,
    check: bool,
) -> int:
    """Write IMAGE into each FILE that deploys it: of the file, its image changes, and nothing else.

    IMAGE is HOST/REPOSITORY@sha256:…, as `run` and `verify` print it. FILE is YAML or JSON: manifests of
    Kubernetes, a kustomization, a chart's values, an ECS task definition, a compose file and others that name
    a container's image. Comments, order, quotes and line ends stay. If one FILE is wrong, none is written.
    """
    from ecr_push.base.errors import ACCEPTED, DIFFERENT
    from ecr_push.cli.read_settings import read_settings

    settings, facts = read_settings(call, "render")
    rendered = _rendered(image, files, settings.deploy.containers, keys, write=write, check=check)
    if settings.deploy.verify_first:
        from ecr_push.cli.verify_first import verify_first

        if code := verify_first(image, settings, facts, call):
            return code
    changed = {path: one for path, one in rendered.items() if one.edits}
    if write:
        _write(changed)
    elif not check:
        call.stdout.write(rendered[files[0]].text)
        call.stdout.flush()
    for path, one in rendered.items():
        _tell(call, path, one, image)
    return DIFFERENT if check and changed else ACCEPTED


def _rendered(
    image: str,
    files: Sequence[str],
    containers: tuple[str, ...],
    keys: Sequence[str],
    *,
    write: bool,
    check: bool,
) -> Mapping[str, Rendered]:
    """Each file by its path. Raises SettingsError with all that is wrong."""
    from ecr_push.base.errors import SettingsError
    from ecr_push.delivery.edit import Deployed
    from ecr_push.delivery.keys import Key
    from ecr_push.delivery.read import read_text
    from ecr_push.delivery.render import Choice
    from ecr_push.delivery.render import render as render_file

    wrong = []
    if write and check:
        wrong.append("--write and --check contradict each other: --check changes nothing")
    if len(files) > 1 and not (write or check):
        wrong.append(f"{len(files)} files are given, and one can be printed: --write changes them")
    deployed, chosen = None, []
    try:
        deployed = Deployed.parse(image)
    except ValueError as error:
        wrong.append(f"IMAGE: {error}")
    for key in keys:
        try:
            chosen.append(Key.parse(key))
        except ValueError as error:
            wrong.append(f"--key: {error}")
    rendered = {}
    for path in files:
        try:
            text = read_text(path)
            if deployed and len(chosen) == len(keys):
                rendered[path] = render_file(text, path, deployed, Choice(containers, tuple(chosen)))
        except OSError as error:
            wrong.append(f"{path}: cannot be read: {error.strerror}")
        except ValueError as error:
            wrong += [f"{path}: {line}" for line in str(error).splitlines()]
    if wrong:
        raise SettingsError(wrong, remedy="correct that: no file was changed")
    return rendered


def _write(changed: Mapping[str, Rendered]) -> None:
    """Raises SettingsError for files that cannot be written, before the first one is."""
    from pathlib import Path

    from ecr_push.base.errors import SettingsError
    from ecr_push.base.fences import Fences
    from ecr_push.base.safe_write import why_not_writable, write_text

    fences = Fences.of(".")
    if wrong := [why for path in changed if (why := why_not_writable(Path(path), fences))]:
        raise SettingsError(wrong, remedy="correct that: no file was changed")
    for path, one in changed.items():
        try:
            write_text(Path(path), one.text, fences)
        except OSError as error:
            raise SettingsError([f"{path} cannot be written: {error.strerror}"]) from error


def _tell(call: Call, path: str, rendered: Rendered, image: str) -> None:
    """One line for each change, on standard error."""
    from ecr_push.report.escape import log_line

    for edit in rendered.edits:
        what = f"{edit.before or '(nothing)'} -> {edit.text.strip() or '(removed)'}"
        call.stderr.write(log_line(f"{path}:{edit.line}: {what}") + "\n")
    if not rendered.edits:
        call.stderr.write(log_line(f"{path}: has {image.rpartition('@')[2][:19]} already") + "\n")
    call.stderr.flush()
