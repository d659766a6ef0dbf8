"""The names that a bucket of S3 can have."""

from __future__ import annotations

import re

_IP_ADDRESS = r"\d{1,3}(\.\d{1,3}){3}"
_RESERVED = ("xn--", "sthree-", "amzn-s3-demo-")


def check_bucket(name: str) -> None:
    """Raises ValueError, with what is wrong, for a name that no bucket can have.

    Reserved endings pass: directory buckets have them, and access points, which are named in a bucket's
    place. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    if wrong := _mistake(name):
        raise ValueError(f"{name!r} is not the name of a bucket: {wrong}")


def _mistake(name: str) -> str:
    if not 3 <= len(name) <= 63:
        return f"it has {len(name)} characters, expected 3 to 63"
    if not re.fullmatch(r"[a-z0-9.-]+", name):
        return "expected lower-case letters, digits, and - . between them"
    if not (name[0].isalnum() and name[-1].isalnum()):
        return "it begins and ends with a letter or a digit"
    if ".." in name:
        return "it has two dots side by side"
    if re.fullmatch(_IP_ADDRESS, name):
        return "it has the form of an IP address"
    found = next((one for one in _RESERVED if name.startswith(one)), "")
    return f"AWS reserves names that begin with {found}" if found else ""
