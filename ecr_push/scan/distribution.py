"""Which distribution a package of the operating system is of, as package URLs name it: `debian`. Pure.

Enhanced scanning says it of the image. Basic scanning does not: each finding's address is the distribution's
own page about it, where it has one.
https://github.com/package-url/purl-spec/tree/main/types-doc, for deb, rpm and apk
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

# Other names by which package URLs, os-release and scanners call one of them.
_NAMES: Mapping[str, str] = {
    "alma": "almalinux",
    "alma-linux": "almalinux",
    "alpine-linux": "alpine",
    "amazon-linux": "amazon",
    "amazonlinux": "amazon",
    "amzn": "amazon",
    "ol": "oracle",
    "oracle-linux": "oracle",
    "oraclelinux": "oracle",
    "red-hat": "redhat",
    "rhel": "redhat",
    "rocky-linux": "rocky",
    "rockylinux": "rocky",
    "sles": "suse",
    "suse-server": "suse",
}
_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("debian", "ubuntu"), "deb"),
    **dict.fromkeys(("alpine", "wolfi", "chainguard"), "apk"),
    **dict.fromkeys(("almalinux", "amazon", "centos", "fedora", "oracle", "redhat", "rocky", "suse"), "rpm"),
}
_TRACKERS: Mapping[str, str] = {
    "security-tracker.debian.org": "debian",
    "people.ubuntu.com": "ubuntu",
    "ubuntu.com": "ubuntu",
    "alas.aws.amazon.com": "amazon",
    "security.alpinelinux.org": "alpine",
    "access.redhat.com": "redhat",
    "linux.oracle.com": "oracle",
    "www.suse.com": "suse",
}


def distribution_name(text: str) -> str:
    """One name for each: `amzn` and `Amazon-Linux` are `amazon`. Any other text in lower case."""
    name = text.lower().replace("_", "-")
    return _NAMES.get(name, name)


def kind_of(distribution: str) -> str:
    """The type of its packages' URLs; "" where that is not known."""
    return _KINDS.get(distribution, "")


@lru_cache(maxsize=64)  # the same for each of an image's findings
def of_platform(platform: str) -> str:
    """Of Inspector's word for an image's system, such as AMAZON_LINUX_2 or UBUNTU_20_04; "" if not known.

    https://docs.aws.amazon.com/inspector/latest/user/supported.html
    """
    words = platform.lower().split("_")
    while words and words[-1].isdigit():
        words.pop()
    name = distribution_name("-".join(words))
    return name if name in _KINDS else ""


def of_tracker(address: str) -> str:
    """Of the page about a vulnerability, where it is a distribution's own; else ""."""
    try:
        return _TRACKERS.get(urlsplit(address).hostname or "", "")
    except ValueError:
        return ""
