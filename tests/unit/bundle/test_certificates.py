"""Which certificates a run from the bundle trusts, by how systems lay theirs out, below another root."""

from __future__ import annotations

import importlib.util
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from tests.support.paths import ROOT

PEM = "# Főtanúsítvány\n-----BEGIN CERTIFICATE-----\n"
EXTRACTED = "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"
# Files, or links to other paths; then the one that is found.
SYSTEMS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "Debian": ({"etc/ssl/certs/ca-certificates.crt": PEM}, "etc/ssl/certs/ca-certificates.crt"),
    "Alpine": (
        {"etc/ssl/certs/ca-certificates.crt": PEM, "etc/ssl/cert.pem": "-> certs/ca-certificates.crt"},
        "etc/ssl/certs/ca-certificates.crt",
    ),
    "Alpine, libressl": ({"etc/ssl/cert.pem": PEM}, "etc/ssl/cert.pem"),
    "RHEL": (
        {
            EXTRACTED: PEM,
            "etc/pki/tls/certs/ca-bundle.crt": "-> ../../ca-trust/extracted/pem/tls-ca-bundle.pem",
        },
        "etc/pki/tls/certs/ca-bundle.crt",
    ),
    "RHEL without links": ({EXTRACTED: PEM}, EXTRACTED),
    "SUSE": (
        {
            "var/lib/ca-certificates/ca-bundle.pem": PEM,
            "etc/ssl/ca-bundle.pem": "-> ../../var/lib/ca-certificates/ca-bundle.pem",
        },
        "etc/ssl/ca-bundle.pem",
    ),
    "macOS": ({"etc/ssl/cert.pem": PEM}, "etc/ssl/cert.pem"),
    "Debian, not configured": (
        {"etc/ssl/certs/ca-certificates.crt": "", "etc/ssl/cert.pem": "-> certs/none.crt"},
        "",
    ),
    "slim": ({}, ""),
}


@pytest.fixture
def certifi() -> ModuleType:
    """The module that stands for certifi, as from the archive of a bundle."""
    path = ROOT / "bundle" / "run" / "stand_ins" / "certifi" / "__init__.py"
    spec = importlib.util.spec_from_file_location("bundled", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["__loader__"] = SimpleNamespace(archive="/release/bundle/code-312.zip")
    return module


def laid_out(root: Path, files: Mapping[str, str]) -> str:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("-> "):
            path.symlink_to(text.removeprefix("-> "))
        else:
            path.write_text(text, encoding="utf-8")
    return str(root)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_systems_certificates_are_found(certifi: ModuleType, tmp_path: Path, name: str) -> None:
    files, found = SYSTEMS[name]
    assert certifi.system(laid_out(tmp_path, files)) == (str(tmp_path / found) if found else None)


def of_python(monkeypatch: pytest.MonkeyPatch, cafile: Path | None) -> None:
    paths = SimpleNamespace(cafile=str(cafile) if cafile else None)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)


def test_the_one_that_python_or_the_user_names_comes_first(
    certifi: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "own.pem"
    named.write_text(PEM, encoding="utf-8")
    of_python(monkeypatch, named)
    assert certifi.where() == str(named)
    assert certifi.contents() == PEM


def test_a_machine_without_certificates_gets_the_bundles(
    certifi: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    of_python(monkeypatch, empty)
    monkeypatch.setattr(certifi, "system", lambda root: None)
    assert certifi.where() == "/release/bundle/cacert.pem"
