"""README.md as an index shows it, where a link within the repository leads nowhere: a hook of hatchling's.

https://hatch.pypa.io/latest/plugins/metadata-hook/custom/
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_HOME = "github.com/ecr-push/ecr-push"
_LINK = re.compile(r"(?P<image>!?)(?P<text>\[[^]]*\])\((?!https?://|#)(?P<path>[^)\s]+)\)")


class ReadmeHook(MetadataHookInterface):
    """Sets `readme`."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": with_whole_links(text, metadata["version"]),
        }


def with_whole_links(text: str, version: str) -> str:
    """Its links lead to the files of the version's tag; those of a version that is not final to main's."""
    ref = f"v{version}" if re.fullmatch(r"\d+\.\d+\.\d+", version) else "main"

    def whole(link: re.Match[str]) -> str:
        kind = "raw" if link["image"] else "blob"
        return f"{link['image']}{link['text']}(https://{_HOME}/{kind}/{ref}/{link['path']})"

    return _LINK.sub(whole, text)
