"""Images that need each other: what is wrong with that, and the order in which they are built. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from ecr_push.base.suggest import did_you_mean

Needs = Mapping[str, Collection[str]]


def needs_problems(images: Mapping[str, tuple[str, Collection[str]]]) -> Iterator[str]:
    """What is wrong with what these images need. images: by name, the place and the needed names."""
    for name, (place, needed) in images.items():
        for one in needed:
            if one not in images:
                others = [other for other in images if other != name]
                yield f"{place}.needs: there is no image {one!r}{did_you_mean(one, others)}"
    known = {name: [one for one in needed if one in images] for name, (_, needed) in images.items()}
    if circle := _circle(known):
        yield f"{images[circle[0]][0]}.needs: images need each other in a circle: {' -> '.join(circle)}"


def in_order(names: Iterable[str], needs: Needs) -> list[str]:
    """The names, each behind those that it needs, be it through others; else in their order. No circle."""
    wanted = dict.fromkeys(names)
    found: dict[str, None] = {}
    for name in wanted:
        waiting = [name]
        while waiting:  # chains may be longer than Python calls itself
            missing = [one for one in needs[waiting[-1]] if one not in found]
            if missing:
                waiting.append(missing[0])
            else:
                found[waiting.pop()] = None
    return [name for name in found if name in wanted]


def with_needed(name: str, needs: Needs) -> tuple[str, ...]:
    """The name, and every image that it needs, be it through others."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found[one] = None
            waiting += needs[one]
    return tuple(found)


def groups(names: Iterable[str], needs: Needs) -> list[list[str]]:
    """The names in groups that do not need each other, each in order."""
    ordered = in_order(names, needs)
    of: dict[str, list[str]] = {}
    for name in ordered:
        joined: dict[int, list[str]] = {id(of[one]): of[one] for one in with_needed(name, needs) if one in of}
        group = [one for before in joined.values() for one in before] + [name]
        of |= dict.fromkeys(group, group)
    unique = {id(group): group for group in (of[name] for name in ordered)}
    place = {name: at for at, name in enumerate(ordered)}
    return [sorted(group, key=place.__getitem__) for group in unique.values()]


def _circle(needs: Needs) -> list[str]:
    """The first circle, its beginning at both ends; [] without one."""
    done: set[str] = set()  # with all that they need
    for start in needs:
        way: dict[str, Iterator[str]] = {}
        following: str | None = start
        while following or way:
            if following:
                way[following] = iter(needs[following])
            last, rest = next(reversed(way.items()))
            following = next((one for one in rest if one not in done), None)
            if following in way:
                names = [*way]
                return [*names[names.index(following) :], following]
            if following is None:
                del way[last]
                done.add(last)
    return []
