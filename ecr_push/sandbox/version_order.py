"""Version order, ecosystem by ecosystem: text -> a key that sorts as the ecosystem's own tools do.

Keys of one scheme compare with each other only. Equal keys are the same version to the ecosystem, even
where the text differs (`1.0` and `1.00` to dpkg, `1.0` and `1.0.0` to PEP 440).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from packaging.version import Version


class Key(Protocol):
    """Something that `<` and `==` order."""

    def __lt__(self, other: Any, /) -> bool: ...


_DPKG_VERSION = re.compile(
    r"(?:(?P<epoch>\d+):)?(?P<upstream>[A-Za-z0-9.+~-]+?)(?:-(?P<revision>[A-Za-z0-9.+~]*))?"
)
_DPKG_TOKEN = re.compile(r"(\D*)(\d*)")
_DPKG_END = ((0,), 0)


def dpkg_key(text: str) -> Key:
    """Debian's order, deb-version(7). Raises ValueError for what is no Debian version."""
    match = _DPKG_VERSION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no Debian version")
    return int(match["epoch"] or 0), _dpkg_part(match["upstream"]), _dpkg_part(match["revision"] or "")


def _dpkg_part(text: str) -> tuple[tuple[tuple[int, ...], int], ...]:
    """Runs of non-digits and of digits in turn, closed by an end that only `~` sorts before."""
    tokens = [
        ((*map(_dpkg_order, letters), 0), int(digits or 0))
        for letters, digits in _DPKG_TOKEN.findall(text)
        if letters or digits
    ]
    # An empty part and "0" are equal.
    return (*(tokens or [_DPKG_END]), _DPKG_END)


def _dpkg_order(character: str) -> int:
    if character == "~":
        return -1
    return ord(character) if character.isalpha() else ord(character) + 256


_APK_VERSION = re.compile(
    r"(?P<first>\d+)(?P<rest>(?:\.\d+)*)(?P<letter>[a-z]?)"
    r"(?P<suffixes>(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)"
    r"(?P<hash>~[0-9a-f]+)?(?:-r(?P<revision>\d+))?"
)
_APK_SUFFIX = re.compile(r"_([a-z]+)(\d*)")
_APK_BEFORE = ("alpha", "beta", "pre", "rc")
_APK_AFTER = ("cvs", "svn", "git", "hg", "p")
# Where one version goes on and the other has something else or ends: what wins, in ascending order.
_PRE, _END, _REVISION, _HASH, _NUMBER, _POST, _LETTER, _DIGITS = range(8)


def apk_key(text: str) -> Key:
    """Alpine's order, as `apk version` has it. Raises ValueError for what is no apk version.

    https://wiki.alpinelinux.org/wiki/APKBUILD_Reference#pkgver
    """
    match = _APK_VERSION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no apk version")
    tokens: list[tuple[Any, ...]] = [(_DIGITS, 1, int(match["first"]))]
    # Behind the first number, one that begins with 0 is read as a fraction: 1.05 is older than 1.1.
    tokens += [
        (_DIGITS, 0, part) if part.startswith("0") else (_DIGITS, 1, int(part))
        for part in match["rest"].split(".")[1:]
    ]
    if match["letter"]:
        tokens.append((_LETTER, match["letter"]))
    for name, number in _APK_SUFFIX.findall(match["suffixes"]):
        before = name in _APK_BEFORE
        tokens.append((_PRE, _APK_BEFORE.index(name)) if before else (_POST, _APK_AFTER.index(name)))
        if number:
            tokens.append((_NUMBER, int(number)))
    if match["hash"]:
        tokens.append((_HASH, match["hash"]))
    if match["revision"]:
        tokens.append((_REVISION, int(match["revision"])))
    return (*tokens, (_END,))


def pep440_key(text: str) -> Key:
    """Python's order, PEP 440. Raises ValueError for a legacy version that it does not know."""
    return Version(text)


# OSV's ecosystem name without its release -> the order of its versions.
SCHEMES: Mapping[str, Callable[[str], Key]] = {
    "Debian": dpkg_key,
    "Ubuntu": dpkg_key,
    "Alpine": apk_key,
    "Chainguard": apk_key,
    "Wolfi": apk_key,
    "PyPI": pep440_key,
}


def family(ecosystem: str) -> str:
    """`Debian:12` -> `Debian`."""
    return ecosystem.partition(":")[0]


def version_key(ecosystem: str, text: str) -> Key:
    """The key of a version. Raises ValueError where the ecosystem or the version is unknown."""
    scheme = SCHEMES.get(family(ecosystem))
    if scheme is None:
        raise ValueError(f"no version order is known for the ecosystem {ecosystem!r}")
    return scheme(text)
