from __future__ import annotations

import gzip
import io
import sys
import tarfile

import pytest

from ecr_push.sandbox.inventory import UnreadableImageError, UnsupportedImageError, read_inventory
from tests.support.sandbox.rootfs import (
    ALPINE,
    DEBIAN,
    deb,
    digest,
    inventory,
    layer,
    link,
    metadata,
    shown,
    tar,
)

STATUS = "var/lib/dpkg/status"
SITE = "usr/local/lib/python3.11/site-packages"
BASE = {**DEBIAN, STATUS: deb("base-files", "12.4+deb12u5")}


def test_dpkg_has_binary_and_source_packages() -> None:
    status = (
        deb("libssl3", "3.0.11-1~deb12u2", source="openssl")
        + deb("libgcc-s1", "12.2.0-14", source="gcc-12 (12.2.0-14+b1)")
        + deb("removed", "1.0", status="deinstall ok config-files")
        + deb("broken", "2.0", status="install ok half-configured")
    )
    found = inventory(layer({**DEBIAN, STATUS: status})).packages
    assert [(it.name, it.version, it.source_name, it.source_version) for it in found] == [
        ("broken", "2.0", "broken", "2.0"),
        ("libgcc-s1", "12.2.0-14", "gcc-12", "12.2.0-14+b1"),
        ("libssl3", "3.0.11-1~deb12u2", "openssl", "3.0.11-1~deb12u2"),
    ]
    assert {(it.ecosystem, it.architecture, it.path) for it in found} == {("Debian:12", "amd64", STATUS)}


def test_distroless_has_a_file_a_package() -> None:
    folder = "var/lib/dpkg/status.d"
    entry = "Package: tzdata\nVersion: 2024a-0+deb12u1\nArchitecture: all\n"
    release = {
        "usr/lib/os-release": "ID=debian\nVERSION_ID=12\n",
        "etc/os-release": link("../usr/lib/os-release"),
    }
    found = inventory(
        layer({**release, f"{folder}/tzdata": entry, f"{folder}/tzdata.md5sums": "abc  etc/x\n"})
    )
    assert shown(found) == ["deb tzdata 2024a-0+deb12u1"]


def test_apk_has_the_origin() -> None:
    crypto = "C:Q1abc=\nP:libcrypto3\nV:3.1.4-r5\nA:x86_64\no:openssl\nF:lib\nR:libcrypto.so.3\n"
    database = f"{crypto}\nP:musl\nV:1.2.4-r2\n"
    found = inventory(layer({**ALPINE, "lib/apk/db/installed": database})).packages
    assert [(it.name, it.source_name, it.source_version, it.ecosystem) for it in found] == [
        ("libcrypto3", "openssl", "3.1.4-r5", "Alpine:v3.19"),
        ("musl", "musl", "1.2.4-r2", "Alpine:v3.19"),
    ]


@pytest.mark.parametrize(
    "path",
    [
        f"{SITE}/PyYAML-5.3.1.dist-info/METADATA",
        f"{SITE}/PyYAML-5.3.1-py3.11.egg-info/PKG-INFO",
        f"{SITE}/PyYAML-5.3.1-py3.11.egg-info",
        "app/vendor/PyYAML.egg/EGG-INFO/PKG-INFO",
    ],
)
def test_python_distributions_wherever_they_are(path: str) -> None:
    found = inventory(layer(BASE | {path: metadata("PyYAML", "5.3.1")}))
    assert shown(found) == ["deb base-files 12.4+deb12u5", "pypi PyYAML 5.3.1"]
    assert (found.packages[1].ecosystem, found.packages[1].path) == ("PyPI", path)


def test_python_packages_of_the_distribution_are_the_distributions() -> None:
    """Debian and Alpine fix them without a new upstream version: PyPI's advisories do not apply to them."""
    by_dpkg = "usr/lib/python3/dist-packages/PyYAML-6.0.dist-info/METADATA"
    python3_yaml = {**DEBIAN, STATUS: deb("python3-yaml", "6.0-3+b2")}
    found = inventory(layer(python3_yaml | {by_dpkg: metadata("PyYAML", "6.0")}))
    assert shown(found) == ["deb python3-yaml 6.0-3+b2"]
    found = inventory(layer(BASE | {by_dpkg: metadata("PyYAML", "6.0")}))
    assert shown(found) == ["deb base-files 12.4+deb12u5", "pypi PyYAML 6.0"]

    site = "usr/lib/python3.11/site-packages"
    database = f"P:py3-yaml\nV:6.0.1-r1\nF:{site}/PyYAML-6.0.1.dist-info\nR:METADATA\n"
    files = {f"{site}/PyYAML-6.0.1.dist-info/METADATA": metadata("PyYAML", "6.0.1")}
    files[f"{site}/requests-2.0.dist-info/METADATA"] = metadata("requests", "2.0")
    found = inventory(layer({**ALPINE, "lib/apk/db/installed": database, **files}))
    assert shown(found) == ["apk py3-yaml 6.0.1-r1", "pypi requests 2.0"]


def test_a_package_belongs_to_the_last_layer_that_changed_it() -> None:
    base = layer({**DEBIAN, STATUS: deb("libc6", "2.36-9") + deb("curl", "7.88.1-10")})
    upgrade = layer(
        {STATUS: deb("libc6", "2.36-9") + deb("curl", "7.88.1-10+deb12u5") + deb("git", "1:2.39")}
    )
    found = {it.name: it.layer for it in inventory(base, upgrade).packages}
    assert found == {"libc6": digest(base), "curl": digest(upgrade), "git": digest(upgrade)}


YAML, JINJA = f"{SITE}/PyYAML-5.3.1.dist-info/METADATA", f"{SITE}/jinja2-2.10.dist-info/METADATA"


@pytest.mark.parametrize(
    ("upper", "left"),
    [
        ({f"{SITE}/PyYAML-5.3.1.dist-info/.wh.METADATA": ""}, {"jinja2"}),
        ({f"{SITE}/.wh.PyYAML-5.3.1.dist-info": ""}, {"jinja2"}),
        ({f"{SITE}/.wh..wh..opq": ""}, set()),
        ({"usr/.wh.local": ""}, set()),
        ({f"{SITE}/.wh.PyYAML": ""}, {"jinja2", "PyYAML"}),
        ({f"{SITE}/PyYAML-5.3.1.dist-info": link("/elsewhere")}, {"jinja2"}),
        ({SITE: "a file now"}, set()),
        ({f"{SITE}/": ""}, {"jinja2", "PyYAML"}),
        ({f"{YAML}/": ""}, {"jinja2"}),
    ],
)
def test_what_an_upper_layer_removes(upper: dict[str, str], left: set[str]) -> None:
    lower = layer(BASE | {YAML: metadata("PyYAML", "5.3.1"), JINJA: metadata("jinja2", "2.10")})
    found = inventory(lower, layer(upper))
    assert {it.name for it in found.packages} - {"base-files"} == left


@pytest.mark.parametrize("opaque_first", [True, False])
def test_an_opaque_folder_keeps_what_its_own_layer_adds(opaque_first: bool) -> None:
    added = {
        f"{SITE}/.wh..wh..opq": "",
        f"{SITE}/PyYAML-6.0.1.dist-info/METADATA": metadata("PyYAML", "6.0.1"),
    }
    upper = added if opaque_first else dict(reversed(added.items()))
    found = inventory(layer(BASE | {YAML: metadata("PyYAML", "5.3.1")}), layer(upper))
    assert shown(found)[1:] == ["pypi PyYAML 6.0.1"]


@pytest.mark.parametrize("prefix", ["./", "/", "../../", "a/../"])
def test_paths_are_read_as_a_runtime_would_place_them(prefix: str) -> None:
    found = inventory(layer({f"{prefix}{path}": content for path, content in BASE.items()}))
    assert shown(found) == ["deb base-files 12.4+deb12u5"]


def test_a_hard_link_is_followed_within_its_layer() -> None:
    cached = {"root/cache/ab12": metadata("PyYAML", "5.3.1"), YAML: link("root/cache/ab12", hard=True)}
    assert shown(inventory(layer(BASE | cached)))[1:] == ["pypi PyYAML 5.3.1"]
    with pytest.raises(UnreadableImageError, match="is a link to root/cache/gone"):
        inventory(layer(BASE | {YAML: link("root/cache/gone", hard=True)}))


def test_plain_gzipped_and_empty_layers() -> None:
    two_members = gzip.compress(tar(BASE)[:700]) + gzip.compress(tar(BASE)[700:])
    for content in (tar(BASE), layer(BASE), two_members):
        assert shown(inventory(content, tar({}), gzip.compress(b""))) == ["deb base-files 12.4+deb12u5"]


ZSTD = ("compression.zstd", "backports.zstd")


def test_zstd_without_its_module_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ZSTD:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadableImageError, match="compressed with zstd"):
        inventory(layer(BASE), b"\x28\xb5\x2f\xfd" + b"\0" * 20)


def test_zstd_where_there_is_a_module() -> None:
    zstd = pytest.importorskip(ZSTD[sys.version_info < (3, 14)])
    # Enough that a part of it is missing when the end is cut off.
    compressed = zstd.compress(tar(BASE | {"noise": bytes(range(256)) * 100}))
    assert shown(inventory(compressed)) == ["deb base-files 12.4+deb12u5"]
    for damaged in (compressed[:-10], _flipped(compressed, 10)):
        with pytest.raises(UnreadableImageError):
            inventory(damaged)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"bin/app": "x"}, id="scratch"),
        pytest.param({YAML: metadata("PyYAML", "5.3.1")}, id="python without a system"),
        pytest.param(DEBIAN, id="no database"),
        pytest.param({**DEBIAN, STATUS: ""}, id="empty database"),
        pytest.param({"etc/os-release": "ID=debian\n", STATUS: deb("a", "1")}, id="no release"),
        pytest.param(
            {"etc/os-release": "ID=fedora\nVERSION_ID=40\n", STATUS: deb("a", "1")}, id="other system"
        ),
        pytest.param({STATUS: deb("a", "1")}, id="no os-release"),
    ],
)
def test_an_unknown_system_is_unsupported(files: dict[str, str]) -> None:
    with pytest.raises(UnsupportedImageError):
        inventory(layer(files))


@pytest.mark.parametrize(
    ("release", "ecosystem"),
    [
        ("ID=debian\nVERSION_ID='12'", "Debian:12"),
        ('ID=ubuntu\nVERSION_ID="22.04"', "Ubuntu:22.04:LTS"),
        ("ID=ubuntu\nVERSION_ID=23.10", "Ubuntu:23.10"),
        ("ID=alpine\nVERSION_ID=3.20.3", "Alpine:v3.20"),
        ("ID=wolfi\nVERSION_ID=20230201", "Wolfi"),
        ("ID=chainguard", "Chainguard"),
    ],
)
def test_the_ecosystem_as_osv_names_it(release: str, ecosystem: str) -> None:
    found = inventory(layer({"etc/os-release": release, STATUS: deb("a", "1")}))
    assert {it.ecosystem for it in found.packages} == {ecosystem}


def _flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"no archive at all" * 100, id="garbage"),
        pytest.param(layer(BASE)[:-30], id="gzip cut off"),
        pytest.param(_flipped(layer(BASE), 40), id="gzip damaged"),
        pytest.param(tar(BASE)[:540], id="tar cut off in a file"),
        pytest.param(tar(BASE)[:900], id="tar cut off behind a file"),
        pytest.param(_flipped(tar(BASE), 1024 + 10), id="second header damaged"),
    ],
)
def test_a_damaged_layer_is_an_error(content: bytes) -> None:
    with pytest.raises(UnreadableImageError, match=f"could not read the layer {digest(content)}"):
        inventory(layer(BASE), content)


def test_a_missing_layer_is_an_error() -> None:
    def missing(_: str) -> io.BytesIO:
        raise FileNotFoundError("/some/path")

    with pytest.raises(UnreadableImageError, match="not in the registry"):
        read_inventory(["sha256:00"], missing)


def test_a_database_that_claims_gigabytes_is_not_read() -> None:
    entry = tarfile.TarInfo(STATUS)
    entry.size = 10 * 1024**3
    with pytest.raises(UnreadableImageError, match="10,737,418,240 bytes"):
        inventory(entry.tobuf() + b"\0" * 1024)


def test_a_header_that_claims_gigabytes_is_not_read() -> None:
    entry = tarfile.TarInfo("././@LongLink")
    entry.type, entry.size = tarfile.GNUTYPE_LONGNAME, 10 * 1024**3
    with pytest.raises(UnreadableImageError, match="header of 10,737,418,240 bytes"):
        inventory(entry.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024)
