"""Images for the sandbox's scanner, pushed over its API, and what it says of them."""

from __future__ import annotations

import json
from typing import Any

from tests.support.sandbox.api import Api
from tests.support.sandbox.rootfs import DEBIAN, deb, layer, metadata

APP = {"repositoryName": "team/app"}
DAY = 86_400
SITE = "usr/local/lib/python3.11/site-packages"
OUTDATED = (
    deb("libc6", "2.36-9+deb12u1", source="glibc")
    + deb("libwebp7", "1.2.4-0.2", source="libwebp")
    + deb("openssh-server", "1:9.2p1-2+deb12u2", source="openssh")
)
VULNERABLE = {
    **DEBIAN,
    "var/lib/dpkg/status": OUTDATED,
    f"{SITE}/Jinja2-2.10.dist-info/METADATA": metadata("Jinja2", "2.10"),
}
CLEAN = {**DEBIAN, "var/lib/dpkg/status": deb("base-files", "12.4+deb12u5")}
COMPLETE = {"status": "COMPLETE", "description": "The scan was completed successfully."}
ACTIVE = {"status": "ACTIVE", "description": "Continuous scan is selected for image."}


def push(api: Api, files: dict[str, Any], tag: str = "1.0") -> str:
    """An image of one layer with these files; its digest."""
    config = {"architecture": "amd64", "os": "linux"}
    blobs = {"config": json.dumps(config).encode(), "layer": layer(files)}
    types = {"config": "container.image.v1+json", "layer": "image.rootfs.diff.tar.gzip"}
    entries = {
        name: {"mediaType": f"application/vnd.docker.{types[name]}", **api.push_layer("team/app", content)}
        for name, content in blobs.items()
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": entries["config"],
        "layers": [entries["layer"]],
    }
    return api.state.images.put("private", "team/app", json.dumps(manifest).encode(), tag=tag).digest


def enhanced(api: Api, frequency: str = "CONTINUOUS_SCAN") -> None:
    everything = [{"filter": "*", "filterType": "WILDCARD"}]
    rules = [{"scanFrequency": frequency, "repositoryFilters": everything}]
    api.call("PutRegistryScanningConfiguration", scanType="ENHANCED", rules=rules)


def findings(api: Api, digest: str, **more: Any) -> dict[str, Any]:
    return api.call("DescribeImageScanFindings", **APP, imageId={"imageDigest": digest}, **more)
