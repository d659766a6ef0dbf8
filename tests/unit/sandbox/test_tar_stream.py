"""A layer's archive: what a runtime would unpack, and never less than that without an error."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.sandbox.inventory import UnreadableImageError
from ecr_push.sandbox.inventory.tar_stream import Entry, TarStream
from tests.support.sandbox.rootfs import DEBIAN, deb, inventory, layer, metadata, shown, tar

STATUS = "var/lib/dpkg/status"
BASE = {**DEBIAN, STATUS: deb("base-files", "12.4+deb12u5")}
LONG = "a" * 90 + "/" + "b" * 150 + "/METADATA"
BEHIND = "usr/lib/python3.11/site-packages/PyYAML-5.3.1.dist-info/METADATA"
END = b"\0" * 1024


def entries(archive: bytes) -> list[Entry]:
    return list(TarStream(io.BytesIO(archive)))


def contents(archive: bytes) -> list[tuple[str, bytes]]:
    stream = TarStream(io.BytesIO(archive))
    return [(entry.name, stream.content()) for entry in stream]


def entry(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, *, at: int = 0, byte: int = 0
) -> bytes:
    """One entry of an archive; byte is put into the header, and the checksum made right again."""
    header = tarfile.TarInfo(name)
    header.type, header.size = kind, len(content)
    block = bytearray(header.tobuf(tarfile.USTAR_FORMAT))
    if at:
        block[at] = byte
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + content + b"\0" * (-len(content) % 512)


def pax(**records: str) -> bytes:
    content = b""
    for key, value in records.items():
        rest = f" {key.replace('_', '.')}={value}\n".encode()
        length = next(it for it in range(1, 9_999) if it == len(str(it)) + len(rest))
        content += str(length).encode() + rest
    return entry("pax", content, tarfile.XHDTYPE)


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=300)


@given(
    files=st.lists(st.tuples(NAMES, st.binary(max_size=1_600)), max_size=6),
    style=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_what_was_put_in_comes_out(files: list[tuple[str, bytes]], style: int) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=style) as archive:
        for name, content in files:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    assert contents(buffer.getvalue()) == files
    assert [it.size for it in entries(buffer.getvalue())] == [len(content) for _, content in files]


@given(cut=st.integers(min_value=0, max_value=10_239), junk=st.binary(min_size=1, max_size=1_100))
def test_a_part_of_an_archive_lists_no_less_without_an_error(cut: int, junk: bytes) -> None:
    """Only between two entries can the end of the stream be an end: a runtime ends there too."""
    archive = entry("one", b"1" * 700) + entry("two") + entry("three", b"3") + END
    whole = {1_536: 1, 2_048: 2, 3_072: 3}
    try:
        found = entries(archive[:cut])
    except UnreadableImageError:
        assert cut % 512 or cut not in {0, *whole, 3_584}
    else:
        assert len(found) == (whole.get(cut, 3) if cut else 0)
    if any(junk[:512]) and cut in whole:
        with pytest.raises(UnreadableImageError, match="damaged archive"):
            entries(archive[:cut] + junk)


# The last two bytes of the checksum's field are its filler.
@given(
    at=st.integers(min_value=0, max_value=499).filter(lambda at: at not in (154, 155)),
    bit=st.integers(min_value=0, max_value=7),
)
def test_a_header_in_the_middle_with_a_bit_that_changed(at: int, bit: int) -> None:
    archive = bytearray(entry("one", b"1") + entry("two", b"2") + entry("three", b"3") + END)
    archive[1_024 + at] ^= 1 << bit
    with pytest.raises(UnreadableImageError, match="damaged archive"):
        entries(bytes(archive))


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        pytest.param(tar(BASE)[:1_024] + b"junk" * 128 + END, "damaged archive", id="no end mark, then junk"),
        pytest.param(tar(BASE)[:1_024] + b"junk", "cut short", id="no end mark, then less than a block"),
        pytest.param(
            entry("a") + b"\0" * 512 + entry(STATUS, b"x") + END, "a block of zeros", id="a hole in it"
        ),
        pytest.param(
            entry("x", b"long\0", tarfile.GNUTYPE_LONGNAME) + END, "extended header", id="long name"
        ),
        pytest.param(pax(path="x"), "extended header", id="pax header without its entry"),
        pytest.param(
            entry("p", b"8 path=x\n", tarfile.XHDTYPE) + entry("a") + END, "pax header", id="one less"
        ),
        pytest.param(
            entry("p", b"90 path=xy\n", tarfile.XHDTYPE) + entry("a") + END, "pax header", id="too long"
        ),
        pytest.param(entry("p", b"x", tarfile.XHDTYPE) + entry("a") + END, "pax header", id="no length"),
        pytest.param(pax(size="many") + entry("a") + END, "not a number", id="pax size"),
        pytest.param(entry("a", at=124, byte=0xFF) + END, "damaged archive", id="negative size"),
    ],
)
def test_a_damaged_archive_gives_an_error_and_never_a_part(archive: bytes, said: str) -> None:
    for content in (archive, gzip.compress(archive)):
        with pytest.raises(UnreadableImageError, match=said):
            inventory(layer(BASE), content)


def test_gzip_that_is_cut_off_behind_the_archives_end() -> None:
    """Whether what came before it was right is said at the end alone."""
    cut = layer(BASE)[:-4]
    with pytest.raises(UnreadableImageError, match="not a readable tar archive"):
        inventory(cut)
    with pytest.raises(UnreadableImageError, match="CRC"):
        inventory(layer(BASE)[:-8] + b"\0" * 8)


def test_what_stands_behind_the_end_is_not_in_the_image() -> None:
    assert shown(inventory(tar(BASE) + tar({BEHIND: metadata("PyYAML", "5.3.1")}) + b"junk")) == [
        "deb base-files 12.4+deb12u5"
    ]


def test_pythons_own_reader_has_no_part_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its inner methods change between security releases: a check that hung on one fell silent."""
    archive = tar(BASE | {BEHIND: metadata("PyYAML", "5.3.1")})

    def never(*_: object, **__: object) -> NoReturn:
        raise AssertionError

    for owner, names in (
        (tarfile, ["open"]),
        (tarfile.TarFile, ["__init__", "next", "extractfile"]),
        (tarfile.TarInfo, ["fromtarfile", "_proc_member"]),
    ):
        for name in names:
            monkeypatch.setattr(owner, name, never)
    assert shown(inventory(archive))[1:] == ["pypi PyYAML 5.3.1"]
    archive = archive[:1_024] + b"\1" + archive[1_025:]
    with pytest.raises(UnreadableImageError, match="bad checksum"):
        inventory(archive)


@pytest.mark.parametrize(
    ("archive", "found"),
    [
        pytest.param(pax(path=LONG) + entry("short", b"1"), [(LONG, b"1")], id="pax"),
        pytest.param(
            pax(path="") + entry("short", b"1"), [("short", b"1")], id="an empty record says nothing"
        ),
        pytest.param(
            entry("L", LONG.encode() + b"\0", tarfile.GNUTYPE_LONGNAME) + entry("short", b"1"),
            [(LONG, b"1")],
            id="gnu",
        ),
        pytest.param(
            entry("L", b"gnu\0", tarfile.GNUTYPE_LONGNAME) + pax(path="pax") + entry("short"),
            [("gnu", b"")],
            id="both",
        ),
        pytest.param(
            entry("L", b"long/name\0", tarfile.GNUTYPE_LONGNAME)
            + entry("cut/off/", b"content", tarfile.AREGTYPE)
            + entry("two", b"2"),
            [("long/name", b"content"), ("two", b"2")],
            id="an old file whose short name looks like a folder",
        ),
        pytest.param(
            entry("g", pax(path="all")[512:531], tarfile.XGLTYPE) + entry("one", b"1"),
            [("one", b"1")],
            id="a header for all entries, which runtimes leave aside",
        ),
        pytest.param(
            pax(size="3") + entry("one", b"333", at=124, byte=ord("1")), [("one", b"333")], id="pax size"
        ),
        pytest.param(
            entry("v", b"data", b"V") + entry("one", b"1"), [("v", b"data"), ("one", b"1")], id="unknown"
        ),
        pytest.param(
            entry("sparse", b"part", tarfile.GNUTYPE_SPARSE, at=482, byte=1)
            + b"map" * 512
            + entry("one", b"1"),
            None,
            id="a sparse file's map",
        ),
    ],
)
def test_extended_headers(archive: bytes, found: list[tuple[str, bytes]] | None) -> None:
    if found is None:
        # The map stands between the header and the content.
        header, rest = archive[:512], archive[512:]
        content, rest = rest[:512], rest[512 + 3 * 512 :]
        archive = header + b"\1" * 512 + b"\0" * 512 + content + rest
        found = [("sparse", b"part"), ("one", b"1")]
    assert contents(archive + END) == found


@pytest.mark.parametrize(
    "sparse",
    [
        entry(BEHIND, b"part", tarfile.GNUTYPE_SPARSE),
        pax(GNU_sparse_major="1", GNU_sparse_name=BEHIND) + entry("GNUSparseFile.0/METADATA", b"part"),
    ],
)
def test_a_sparse_database_gives_an_error(sparse: bytes) -> None:
    with pytest.raises(UnreadableImageError, match=f"{BEHIND} is a sparse file"):
        inventory(layer(BASE), sparse + END)
