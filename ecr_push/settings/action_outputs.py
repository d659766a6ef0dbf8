"""docker/build-push-action's `outputs` -> --compression, where it is the one output that a run has. Pure.

https://docs.docker.com/build/exporters/image-registry/
"""

from __future__ import annotations

_ONE = (
    "a run has one output, the image that it pushes to ECR and judges: leave it out. For files of the image, "
    "`docker cp` from the output `image`"
)
_HELD = {"push": "true", "oci-mediatypes": "true"}  # by every run
_TAKEN = ("compression", "compression-level", "force-compression")


def compression_in(text: str) -> tuple[list[str], list[str]]:
    """What --compression is for these outputs, nothing where they ask for what a run does, and mistakes."""
    lines = [line for line in text.split("\n") if line.strip()]
    given = dict(field.strip().partition("=")[::2] for field in lines[0].split(","))
    kind = given.pop("type", "local")
    pushes = kind == "registry" or (kind == "image" and given.get("push") == "true")
    if len(lines) > 1 or not pushes:
        return [], [f"{'several' if len(lines) > 1 else f'type={kind}'}: {_ONE}"]
    kind, level, force = (given.pop(name, "") for name in _TAKEN)
    odd = [key for key, value in given.items() if _HELD.get(key) != value]
    if "push-by-digest" in odd:
        return [], ["push-by-digest: for one runner a platform, use `command: build` and the input `part`"]
    if odd:
        return [], [f"{key}: beside push=true there are {', '.join(_TAKEN)}" for key in odd]
    if (level or force == "true") and not kind:
        return [], ["compression-level and force-compression need compression=gzip or zstd"]
    words = (kind, f"level={level}" if level else "", "force" if force == "true" else "")
    return [",".join(filter(None, words))] if kind else [], []
