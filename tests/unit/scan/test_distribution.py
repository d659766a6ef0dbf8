"""Which distribution the findings of a scan are of."""

from __future__ import annotations

import pytest

from ecr_push.scan.distribution import kind_of, of_platform, of_tracker
from ecr_push.scan.findings_read import read_findings


@pytest.mark.parametrize(
    ("platform", "found", "kind"),
    [
        ("DEBIAN_12", "debian", "deb"),
        ("UBUNTU_20_04", "ubuntu", "deb"),
        ("AMAZON_LINUX_2", "amazon", "rpm"),
        ("AMAZON_LINUX_2023", "amazon", "rpm"),
        ("CENTOS_7", "centos", "rpm"),
        ("ALPINE_LINUX_3_18", "alpine", "apk"),
        ("ORACLE_LINUX_8", "oracle", "rpm"),
        ("RHEL_9", "redhat", "rpm"),
        ("ROCKY_LINUX_9", "rocky", "rpm"),
        ("SUSE_SERVER_15_5", "suse", "rpm"),
        ("LINUX", "", ""),
        ("", "", ""),
        ("12", "", ""),
    ],
)
def test_inspectors_word_for_the_system(platform: str, found: str, kind: str) -> None:
    assert of_platform(platform) == found
    assert kind_of(found) == kind


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://security-tracker.debian.org/tracker/CVE-2026-1", "debian"),
        ("http://people.ubuntu.com/~ubuntu-security/cve/CVE-2026-1", "ubuntu"),
        ("https://alas.aws.amazon.com/AL2023/ALAS-2026-1.html", "amazon"),
        ("https://nvd.nist.gov/vuln/detail/CVE-2026-1", ""),
        ("https://security-tracker.debian.org.example/x", ""),
        ("https://[::1", ""),
        ("", ""),
    ],
)
def test_the_page_about_a_finding(address: str, found: str) -> None:
    assert of_tracker(address) == found


def enhanced(*platforms: str, manager: str = "OS") -> str:
    one = {
        "severity": "HIGH",
        "packageVulnerabilityDetails": {
            "vulnerabilityId": "CVE-1",
            "vulnerablePackages": [{"name": "a", "version": "1", "packageManager": manager}],
        },
        "resources": [
            {"details": {"awsEcrContainerImage": {"platform": platform}}} for platform in platforms
        ],
    }
    (found,) = read_findings({"imageScanFindings": {"enhancedFindings": [one]}})
    return found.packages[0].distribution


def test_packages_of_the_operating_system_have_it() -> None:
    assert enhanced("DEBIAN_12") == "debian"
    assert enhanced("DEBIAN_12", manager="PYTHONPKG") == ""
    assert enhanced() == enhanced("DEBIAN_12", "UBUNTU_20_04") == enhanced("LINUX") == ""
    basic = {
        "name": "CVE-1",
        "uri": "https://security-tracker.debian.org/tracker/CVE-1",
        "attributes": [{"key": "package_name", "value": "a"}],
    }
    (found,) = read_findings({"imageScanFindings": {"findings": [basic]}})
    assert found.packages[0].distribution == "debian"
