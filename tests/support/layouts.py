"""OCI layouts for tests, whole ones to be broken."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class LayoutFolder:
    """A layout that is written piece by piece."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "blobs" / "sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def path(self, digest: str) -> Path:
        return self.folder / "blobs" / "sha256" / digest.partition(":")[2]

    def blob(self, content: bytes, media_type: str, **more: Any) -> dict[str, Any]:
        """The descriptor of content, which is in the layout then."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.path(digest).write_bytes(content)
        return {"mediaType": media_type, "digest": digest, "size": len(content), **more}

    def document(self, value: Any, media_type: str, **more: Any) -> dict[str, Any]:
        return self.blob(json.dumps(value).encode(), media_type, **more)

    def image(self, text: str = "one", **more: Any) -> dict[str, Any]:
        """An image of one layer."""
        config = self.document(
            {"architecture": "amd64", "os": "linux", "config": {"Labels": {"a": text}}}, CONFIG
        )
        layers = [self.blob(text.encode() * 1000, LAYER)]
        made = {"schemaVersion": 2, "mediaType": IMAGE, "config": config, "layers": layers}
        return self.document(made, IMAGE, **more)

    def index(self, *images: dict[str, Any]) -> dict[str, Any]:
        return self.document({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(images)}, INDEX)

    def finish(self, *entries: Any) -> Path:
        """Writes index.json. Returns the folder."""
        (self.folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": list(entries)}))
        return self.folder


def archived(folder: Path, prefix: str = "") -> Path:
    """The same layout as an archive beside it."""
    path = folder.with_suffix(".tar")
    with tarfile.open(path, "w") as archive:
        for one in sorted(folder.rglob("*")):
            archive.add(one, f"{prefix}{one.relative_to(folder)}", recursive=False)
    return path
