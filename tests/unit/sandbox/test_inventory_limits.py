"""An image beyond a limit of the scanner: its scan fails with a reason, and is never a clean result."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

import pytest

from ecr_push.sandbox import advisories
from ecr_push.sandbox.inventory import Budget, Limits, UnreadableImageError, model, python, read_inventory
from tests.support.sandbox.api import Api
from tests.support.sandbox.rootfs import DEBIAN, deb, layer, link, metadata
from tests.support.sandbox.scans import APP, VULNERABLE, findings, push

STATUS = "var/lib/dpkg/status"
SITE = "usr/lib/python3/site-packages"
BASE = {**DEBIAN, STATUS: deb("base-files", "12.4+deb12u5")}


def distribution(name: str, version: str = "1.0", folder: str = SITE) -> dict[str, str]:
    return {f"{folder}/{name}.dist-info/METADATA": metadata(name, version)}


def read(*layers: Mapping[str, object], **limits: float) -> None:
    blobs = {f"sha256:{number}": layer(files) for number, files in enumerate(layers)}  # type: ignore[arg-type]
    budget = Budget(Limits(**limits))  # type: ignore[arg-type]
    read_inventory(list(blobs), lambda name: io.BytesIO(blobs[name]), budget=budget)


@pytest.mark.parametrize(
    ("limits", "layers", "said"),
    [
        (
            {"unpacked_bytes": 1_000_000},
            [{**BASE, "zeros": b"\0" * 5_000_000}],
            "unpacks to more than 1,000,000",
        ),
        ({"unpacked_bytes": 30_000}, [BASE, *[{"noise": b"\0" * 9_000}] * 3], "unpacks to more than 30,000"),
        ({"entries": 2}, [{**BASE, "one": "1"}], "more than 2 entries"),
        ({"entries": 4}, [BASE, {"one": "1"}, {"two": "2"}, {"three": "3"}], "more than 4 entries"),
        ({"layers": 2}, [BASE, BASE, BASE], "more than 2 layers"),
        (
            {"databases": 3},
            [{**BASE, **distribution("one")}, distribution("two")],
            "more than 3 package databases",
        ),
        ({"path_bytes": 100}, [{**BASE, **distribution("a", folder="a" * 99)}], "paths .* too long"),
        ({"path_depth": 9}, [{**BASE, **distribution("a", folder="a/" * 10)}], "below more than 9 folders"),
        ({"packages": 1}, [{**BASE, **distribution("a")}], "more than 1 packages"),
        ({"name_length": 20}, [{**BASE, **distribution("a", "1." * 20)}], "of more than 20 characters"),
        ({"name_length": 20}, [{**DEBIAN, STATUS: deb("a" * 21, "1")}], "of more than 20 characters"),
        (
            {"name_length": 20},
            [{**DEBIAN, STATUS: deb("a", "1", source="b" * 21)}],
            "of more than 20 characters",
        ),
    ],
)
def test_beyond_a_limit(limits: dict[str, float], layers: list[dict[str, str]], said: str) -> None:
    with pytest.raises(UnreadableImageError, match=said):
        read(*layers, **limits)
    read(*layers)  # and within it all is well


def test_the_time_that_it_takes_is_bounded() -> None:
    """By a clock that goes on by a second whenever it is asked."""
    seconds: Iterator[float] = iter(range(1_000))
    blob = layer({**BASE, **{f"file{number}": "" for number in range(50)}})
    with pytest.raises(UnreadableImageError, match="took more than 10 s"):
        read_inventory(
            ["sha256:00"],
            lambda _: io.BytesIO(blob),
            budget=Budget(Limits(seconds=10), lambda: next(seconds)),
        )


def test_links_cost_one_reading_of_the_layer_however_many_there_are() -> None:
    linked = {
        f"{SITE}/p{number}.dist-info/METADATA": link(f"cache/{number}", hard=True) for number in range(50)
    }
    cached = {f"cache/{number}": metadata(f"p{number}", "1.0") for number in range(50)}
    opened = []
    blob = layer({**BASE, **cached, **linked})

    def open_blob(_: str) -> io.BytesIO:
        opened.append(1)
        return io.BytesIO(blob)

    found = read_inventory(["sha256:00"], open_blob)
    assert len(found.packages) == 51
    assert len(opened) == 2


def test_headers_of_a_distribution_that_are_not_all_read_are_an_error() -> None:
    """Its name could stand behind them: what is not seen must not be taken for absent."""
    filler = "Classifier: x\n" * (python._HEADER_BYTES // 10)
    hidden = f"Metadata-Version: 2.1\n{filler}Name: PyYAML\nVersion: 5.3.1\n"
    with pytest.raises(UnreadableImageError, match="headers of more than"):
        read({**BASE, f"{SITE}/x.dist-info/METADATA": hidden})
    long = metadata("PyYAML", "5.3.1") + "text\n" * python._HEADER_BYTES
    read({**BASE, f"{SITE}/x.dist-info/METADATA": long})


def test_the_lines_of_a_database_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MAX_LINES", 100)
    with pytest.raises(UnreadableImageError, match="more than 100 lines"):
        read({**DEBIAN, STATUS: "".join(deb(f"package{number}", "1") for number in range(50))})


def test_a_line_ends_where_dpkg_ends_it() -> None:
    """A separator of Unicode within a description starts no field."""
    status = "Package: a\nVersion: 1\nDescription: x\u2028Version: 9\n"
    blob = layer({**DEBIAN, STATUS: status})
    [package] = read_inventory(["sha256:00"], lambda _: io.BytesIO(blob)).packages
    assert package.version == "1"


@pytest.mark.parametrize("enhanced", [False, True])
def test_an_image_with_too_many_findings_fails_its_scan(
    api: Api, monkeypatch: pytest.MonkeyPatch, enhanced: bool
) -> None:
    monkeypatch.setattr(api.scans._advisories, "_max_findings", 2)
    if enhanced:
        everything = [{"filter": "*", "filterType": "WILDCARD"}]
        rules = [{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": everything}]
        api.call("PutRegistryScanningConfiguration", scanType="ENHANCED", rules=rules)
    api.call("CreateRepository", **APP, imageScanningConfiguration={"scanOnPush": True})
    answer = findings(api, push(api, VULNERABLE))
    assert answer["imageScanStatus"] == {
        "status": "FAILED",
        "description": "TooManyFindingsError: more than 2 findings",
    }
    assert "imageScanFindings" not in answer
    assert advisories.MAX_FINDINGS == 100_000


def test_an_image_beyond_a_limit_fails_its_scan(api: Api) -> None:
    api.call("CreateRepository", **APP, imageScanningConfiguration={"scanOnPush": True})
    answer = findings(api, push(api, {**VULNERABLE, **distribution("a", "1." * 300)}))
    assert answer["imageScanStatus"]["status"] == "FAILED"
    assert "of more than 512 characters" in answer["imageScanStatus"]["description"]
    assert "imageScanFindings" not in answer
