"""The versions of clients that are tested."""

from __future__ import annotations

from tests.support.paths import ROOT


def test_the_documentation_has_the_versions_that_are_installed() -> None:
    page = (ROOT / "docs" / "sandbox.md").read_text()
    lines = (ROOT / "requirements" / "clients.txt").read_text().splitlines()
    packages = [line.split()[2] for line in lines if line and not line.startswith("#")]
    names = [
        package.replace("==", " ") if "==" in package else " ".join(package.rsplit("@", 1))
        for package in packages
    ]
    assert len(names) == 8
    # prowler's row names it once.
    assert [name for name in names if name.replace("prowler ", "prowler | ") not in page] == []
