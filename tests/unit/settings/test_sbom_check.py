from __future__ import annotations

from pathlib import Path

from tests.support.settings import problems


def test_a_file_must_be_there_unless_a_test_may_write_it(tmp_path: Path) -> None:
    (tmp_path / "there.json").write_text("{}")
    there, none = str(tmp_path / "there.json"), str(tmp_path / "none.json")
    expected = f"--attest-sbom: {none}: there is no such file, and no --test that could write it"
    assert list(problems(tmp_path, flags={"attest_sbom": (there, none)})) == [expected]
    assert not problems(tmp_path, flags={"attest_sbom": (none,), "tests": ("./make-sbom",)})
