"""Reports of other scanners, as small as their formats allow."""

from __future__ import annotations

from typing import Any

HEX = "0123456789abcdef" * 4
INDEX, IMAGE, CONFIG = (f"sha256:{letter}{HEX[1:]}" for letter in "abc")


def trivy_finding(id_: str, severity: str, package: str = "openssl", **more: Any) -> dict[str, Any]:
    return {
        "VulnerabilityID": id_,
        "PkgName": package,
        "PkgIdentifier": {"PURL": f"pkg:deb/debian/{package}@3.0.9?distro=debian-12"},
        "InstalledVersion": "3.0.9",
        "Severity": severity,
        "Layer": {"Digest": f"sha256:{HEX}"},
        **more,
    }


def trivy(*found: dict[str, Any], digest: str = IMAGE, architecture: str = "amd64") -> dict[str, Any]:
    """Each finding in a result of its own, which repeats its target."""
    target = "app (debian 12)"
    results: list[dict[str, Any]] = [
        {"Target": target, "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [one]} for one in found
    ]
    return {
        "SchemaVersion": 2,
        "Trivy": {"Version": "0.70.0"},
        "ArtifactName": "host/app:1",
        "ArtifactType": "container_image",
        "Metadata": {
            "ImageID": CONFIG,
            "RepoDigests": [f"host/app@{digest}"],
            "ImageConfig": {"os": "linux", "architecture": architecture},
        },
        "Results": results or [{"Target": target, "Class": "os-pkgs", "Type": "debian"}],
    }


def grype_match(id_: str, severity: str, name: str = "openssl", **more: Any) -> dict[str, Any]:
    return {
        "vulnerability": {
            "id": id_,
            "severity": severity,
            "dataSource": f"https://nvd.nist.gov/vuln/detail/{id_}",
            "cvss": [{"metrics": {"baseScore": 5.5}}, {"metrics": {"baseScore": 9.1}}],
            "epss": [{"cve": id_, "epss": 0.25}],
            "fix": {"versions": ["3.0.10"], "state": "fixed"},
        },
        "relatedVulnerabilities": [],
        "artifact": {
            "name": name,
            "version": "3.0.9",
            "type": "deb",
            "locations": [{"path": "/var/lib/dpkg/status"}],
            "purl": f"pkg:deb/debian/{name}@3.0.9",
        },
        **more,
    }


def grype(*matches: dict[str, Any], digest: str = IMAGE) -> dict[str, Any]:
    target = {
        "userInput": "host/app:1",
        "imageID": CONFIG,
        "manifestDigest": digest,
        "repoDigests": [],
        "architecture": "amd64",
        "os": "linux",
    }
    return {
        "matches": list(matches),
        "source": {"type": "image", "target": target},
        "descriptor": {"name": "grype", "version": "0.121.2"},
    }


def sarif(*results: dict[str, Any], rules: tuple[dict[str, Any], ...] = (), **run: Any) -> dict[str, Any]:
    driver = {"name": "Scanner", "rules": list(rules)}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **run}]}
