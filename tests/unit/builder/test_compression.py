"""What BuildKit is asked to compress, and what is said of what it did."""

from __future__ import annotations

import pytest

from ecr_push.builder.buildx_output import push_output
from ecr_push.builder.compression import Compression, compression_of
from ecr_push.builder.plan import fingerprint, plan_build
from tests.support.settings import settings
from tests.support.sources import source

GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("", ""),
        ("gzip", ",compression=gzip"),
        ("zstd", ",compression=zstd"),
        ("zstd,level=22", ",compression=zstd,compression-level=22"),
        ("gzip,level=0,force", ",compression=gzip,compression-level=0,force-compression=true"),
        ("zstd,force", ",compression=zstd,force-compression=true"),
    ],
)
def test_what_buildkit_is_asked_for(text: str, attributes: str) -> None:
    compression = compression_of(text)
    assert compression.attributes() == attributes
    assert push_output("0.22.0", compression) == f"type=image,oci-mediatypes=true{attributes},store=false"


@pytest.mark.parametrize(
    "text",
    ["estargz", "uncompressed", "zstd,", "zstd,19", "zstd,level=-1", "ZSTD", "zstd,force,level=1", ",force"],
)
def test_another_form_is_a_mistake_that_shows_the_right_one(text: str) -> None:
    with pytest.raises(ValueError, match="expected gzip or zstd, then ,level=N or ,force"):
        compression_of(text)


@pytest.mark.parametrize(("text", "levels"), [("gzip,level=10", "0 to 9"), ("zstd,level=23", "0 to 22")])
def test_a_level_that_the_kind_does_not_have(text: str, levels: str) -> None:
    with pytest.raises(ValueError, match=levels):
        compression_of(text)


@pytest.mark.parametrize(
    ("text", "layers", "said"),
    [
        ("", [GZIP, ZSTD], ""),
        ("zstd", [ZSTD, ZSTD], ""),
        ("zstd", [], ""),
        ("zstd", [GZIP, GZIP, ZSTD], "2 of 3 layers are not: layers of the base image"),
        ("zstd", [GZIP], "the layer is not"),
        ("gzip", [GZIP, ZSTD], "1 of 2 layers is not"),
        ("zstd,force", [GZIP, GZIP], "2 of 2 layers are not, though all were to be"),
    ],
)
def test_what_the_pushed_layers_are_not(text: str, layers: list[str], said: str) -> None:
    doubts = list(compression_of(text).doubts(layers))
    assert len(doubts) == bool(said)
    assert said in "".join(doubts)


def test_it_decides_on_the_digest() -> None:
    def made(text: str) -> str:
        plan = plan_build(settings(compression=text).builder, source().root)
        return fingerprint(plan, source())

    assert made("") != made("zstd") != made("zstd,level=3")
    assert Compression() == compression_of("")
