"""Commands that give an image of the registry another name -> the command that does it there. Pure.

`docker pull A`, `docker tag A B` and `docker push B` are one copy, and so are `skopeo copy` and `crane copy`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ecr_push.delivery.moving.image_name import image_name
from ecr_push.delivery.moving.shell.operations import Does, Operation
from ecr_push.delivery.moving.values import Value

_OF_THE_COPY = "the copy in the registry does it"
_TRANSPORT = "docker://"


def copies(operations: Sequence[Operation]) -> Mapping[tuple[int, str], str]:
    """Line and text of a command -> what stands for it."""
    pulled = {name for one in operations if one.does is Does.PULL for name in one.arguments}
    pulled -= {name for one in operations if one.does is Does.BUILD for name in one.all("tag")}
    found: dict[tuple[int, str], str] = {}
    sources: set[Value] = set()
    targets: set[Value] = set()
    for one in operations:
        pairs = [pair for pair in _pairs(one) if one.does is Does.RETAG or pair[0] in pulled]
        if pairs:
            found[one.line, one.text] = "; ".join(_command(*pair) for pair in pairs)
            sources |= {source for source, _ in pairs}
            targets |= {target for _, target in pairs}
        elif one.does is Does.PUSH and {*one.arguments} <= targets:
            found[one.line, one.text] = _OF_THE_COPY
    for one in operations:
        if one.does is Does.PULL and one.arguments and {*one.arguments} <= sources:
            found[one.line, one.text] = _OF_THE_COPY
    return found


def _pairs(one: Operation) -> Iterator[tuple[Value, Value]]:
    """An image, and the name that it is given."""
    names = [_plain(name) for name in one.arguments]
    if one.does is Does.TAG or (one.does is Does.PUSH and len(names) > 1):
        yield from ((names[0], name) for name in names[1:])
    elif one.does is Does.RETAG and one.program == "docker":  # buildx imagetools create -t NEW OLD
        yield from ((names[0], name) for name in one.all("tag") if len(names) == 1)
    elif one.does is Does.RETAG and len(names) == 3 and names[0].text in ("copy", "cp"):
        yield names[1], names[2]
    elif one.does is Does.RETAG and len(names) == 3 and names[0].text == "tag":  # crane tag IMAGE TAG
        yield names[1], image_name(names[1]).address + Value.constant(":") + names[2]


def _plain(name: Value) -> Value:
    first = str(name.parts[0]) if name.parts and isinstance(name.parts[0], str) else ""
    return Value.of((first.removeprefix(_TRANSPORT), *name.parts[1:])) if first else name


def _command(source: Value, target: Value) -> str:
    from_, to = image_name(source), image_name(target)
    tag = (to.tag or Value.constant("latest")).source
    if from_.address == to.address:
        return f"`ecr-push promote {source.source} {tag}` does it in the registry, for an accepted image"
    as_ = "" if to.tag == from_.tag else f" --as {tag}"
    command = f"ecr-push copy {source.source} --to {to.address.source}{as_}"
    return f"`{command}` does it in the registry, by the digest"
