"""The addresses of logos of ECR Public."""

from __future__ import annotations

import base64
from pathlib import Path

from tests.support.sandbox.data_plane import DataPlane

LOGO = b"\x89PNG a logo"


def test_anyone_gets_a_logo_at_its_address(tmp_path: Path) -> None:
    plane = DataPlane(tmp_path, "public")
    address = plane.state.logo_url(LOGO)
    assert plane.anonymously("GET", address).status_code == 404
    catalog = {"logoImageBlob": base64.b64encode(LOGO).decode()}
    plane.state.repositories.change("public", "app", catalog=catalog)
    got = plane.anonymously("GET", address)
    assert (got.status_code, got.content_type, got.get_data()) == (200, "image/png", LOGO)
    assert plane.anonymously("GET", plane.state.logo_url(b"another")).status_code == 404
    plane.state.close()
