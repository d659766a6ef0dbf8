"""The `images:` of a kustomization: an image's name there, and the repository and the digest in its place.

A digest goes before `newTag`, which is therefore replaced by it.
https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecr_push.base.suggest import did_you_mean
from ecr_push.base.yaml_spans import Items, Members, Text
from ecr_push.delivery.edit import Deployed, Edit, is_of, replaced


def is_kustomization(documents: Sequence[Any], name: str) -> bool:
    """Whether a file is one. name: the file's."""
    first = documents[0] if documents else None
    by_name = name in ("kustomization.yaml", "kustomization.yml", "Kustomization")
    return isinstance(first, Members) and (by_name or first.text("kind") in ("Kustomization", "Component"))


def kustomize_edits(
    text: str, documents: Sequence[Any], deployed: Deployed, containers: Sequence[str]
) -> list[Edit]:
    """The edits of the entries that are meant. containers: their names; without any the repository decides.

    Raises ValueError with what is wrong, a line each.
    """
    images = documents[0].get("images")
    entries = [one for one in images.nodes if isinstance(one, Members)] if isinstance(images, Items) else []
    names = [one.text("name") for one in entries]
    shown = ", ".join(filter(None, names)) or "none"
    wrong = [
        f"`images` has no entry with the name {one!r}{did_you_mean(one, names)}; it has {shown}"
        for one in containers
        if one not in names
    ]
    meant = [
        one
        for one in entries
        if (
            one.text("name") in containers
            if containers
            else is_of(one.text("newName") or one.text("name"), deployed)
        )
    ]
    if not meant and not wrong:
        wrong.append(
            f"`images` has no entry for {deployed.name} (it has {shown}): add `- name: {deployed.name}`, or "
            "choose one with --container"
        )
    if wrong:
        raise ValueError("\n".join(wrong))
    return [edit for one in meant for edit in _entry_edits(text, one, deployed)]


def _entry_edits(text: str, entry: Members, deployed: Deployed) -> list[Edit]:
    digest, tag, renamed = entry.get("digest"), entry.get("newTag"), entry.get("newName")
    edits: list[Edit] = []
    missing: dict[str, str] = {}
    if isinstance(renamed, Text):
        edits.append(replaced(renamed, deployed.repository))
    elif entry.text("name") != deployed.repository:
        missing["newName"] = deployed.repository
    if isinstance(digest, Text):
        edits.append(replaced(digest, str(deployed.digest)))
        if isinstance(tag, Text):
            edits.append(_removed(text, entry, "newTag"))
    elif isinstance(tag, Text):
        edits.append(_in_the_place_of_its_tag(entry, deployed))
    else:
        missing["digest"] = str(deployed.digest)
    return [*edits, *([_added(text, entry, missing)] if missing else [])]


def _in_the_place_of_its_tag(entry: Members, deployed: Deployed) -> Edit:
    name, tag = next(pair for pair in entry.pairs if pair[0].value == "newTag")
    member = f"{_quoted(name.style, 'digest')}: {_quoted(tag.style, str(deployed.digest))}"
    return Edit(name.begin, tag.end, member, tag.line, f"newTag: {tag.value}")


def _quoted(quote: str, value: str) -> str:
    return f"{quote}{value}{quote}" if quote in ("'", '"') else value


def _added(text: str, entry: Members, members: Mapping[str, str]) -> Edit:
    """Members after the name: in its column, and with its line's end."""
    key, node = next(pair for pair in entry.pairs if pair[0].value == "name")
    if entry.flow:
        quote = key.style
        added = [f", {_quoted(quote, name)}: {_quoted(quote, value)}" for name, value in members.items()]
        return Edit(node.end, node.end, "".join(added), key.line)
    end = text.find("\n", node.end)
    end = len(text) if end < 0 else end - (text[end - 1] == "\r")
    margin = " " * (key.begin - text.rfind("\n", 0, key.begin) - 1)
    newline = "\r\n" if "\r\n" in text else "\n"
    added = [f"{newline}{margin}{name}: {value}" for name, value in members.items()]
    return Edit(end, end, "".join(added), key.line)


def _removed(text: str, entry: Members, name: str) -> Edit:
    """The whole line of a member, or the member and the comma before it."""
    at = next(place for place, (key, _) in enumerate(entry.pairs) if key.value == name)
    key, node = entry.pairs[at]
    before = f"{name}: {node.value}"
    if entry.flow:
        begin = entry.pairs[at - 1][1].end if at else key.begin
        end = node.end if at else entry.pairs[1][0].begin
        return Edit(begin, end, "", key.line, before)
    begin = text.rfind("\n", 0, key.begin) + 1
    if text[begin : key.begin].strip():  # the first one, behind the dash: the next takes its place
        return Edit(key.begin, entry.pairs[at + 1][0].begin, "", key.line, before)
    end = text.find("\n", node.end) + 1 or len(text)
    return Edit(begin, end, "", key.line, before)
