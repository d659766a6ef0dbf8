from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecr_push.pipeline.source_and_version import title_of
from tests.support import sources
from tests.support.settings import settings


@pytest.mark.parametrize(
    ("context", "given", "title"),
    [
        (".", {}, ""),
        ("services/web", {}, "shop-web"),
        ("services/web", {"repository": ""}, "web"),
        (".", {"tag_prefix": "web/"}, "shop-web"),
        ("services/web", {"repository": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b"}, "b"),
    ],
)
def test_the_title_of_an_image_of_a_folder(
    context: str, given: dict[str, str], title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = replace(sources.source(), root=tmp_path)
    assert title_of(settings(**{"context": context, "repository": "team/shop-web", **given}), source) == title
