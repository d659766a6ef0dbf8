"""The version that a project's file states: every format, what is unclear in it, and files made to hurt."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import SourceError
from ecr_push.base.fences import Fences
from ecr_push.versions.files.content import Stated
from ecr_push.versions.files.read import VERSION_FILES, find_version_file, read_version_file


def pom(inner: str, properties: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<project xmlns="http://maven.apache.org/POM/4.0.0">\n<modelVersion>4.0.0</modelVersion>\n'
        f"{inner}\n<properties>{properties}</properties>\n"
        "<dependencies><dependency><version>9.9</version></dependency></dependencies>\n</project>\n"
    )


# file, content, version, key, under development
STATED = [
    ("pyproject.toml", '[project]\nname = "x"\nversion = "1.4.2"', "1.4.2", "project.version", False),
    ("pyproject.toml", '[project]\nversion = "1.5.0.dev0"', "1.5.0", "project.version", True),
    ("pyproject.toml", '[project]\nversion = "1.5.0rc1.DEV3+local"', "1.5.0rc1", "project.version", True),
    ("pyproject.toml", '[project]\nversion = "1.5.0-dev"', "1.5.0", "project.version", True),
    ("pyproject.toml", '[project]\nversion = "1.4.2+mydev"', "1.4.2+mydev", "project.version", False),
    ("pyproject.toml", '[tool.poetry]\nversion = "1.4.2"', "1.4.2", "tool.poetry.version", False),
    (
        "pyproject.toml",
        '[project]\ndynamic = ["version"]\n[tool.poetry]\nversion = "1.4.2"',
        "1.4.2",
        "tool.poetry.version",
        False,
    ),
    (
        "pyproject.toml",
        '\ufeffproject = {version = "1.4.2", dynamic = ["readme"]}',
        "1.4.2",
        "project.version",
        False,
    ),
    ("package.json", '{"name": "x", "version": "1.4.2"}', "1.4.2", "version", False),
    ("package.json", '{"version": "1.5.0-SNAPSHOT"}', "1.5.0-SNAPSHOT", "version", False),
    ("package.json", '{"version": "1.5.0-rc.1.dev.3"}', "1.5.0-rc.1.dev.3", "version", False),
    ("Cargo.toml", '[package]\nversion = "0.3.1"', "0.3.1", "package.version", False),
    (
        "Cargo.toml",
        '[package]\nversion.workspace = true\n[workspace.package]\nversion = "0.3.1"',
        "0.3.1",
        "workspace.package.version",
        False,
    ),
    ("Cargo.toml", '[workspace.package]\nversion = "0.3.1"', "0.3.1", "workspace.package.version", False),
    ("VERSION", "1.4.2", "1.4.2", "the line", False),
    ("VERSION", "\n v1.4.2 \r\n\n", "v1.4.2", "the line", False),
    ("VERSION.txt", "\ufeff2024.01.5\n", "2024.01.5", "the line", False),
    ("version.txt", "1.5.0-SNAPSHOT\n", "1.5.0", "the line", True),
    ("version.txt", "1.5.0.dev0\n", "1.5.0", "the line", True),
    ("VERSION", "1.5.0-rc.1.dev.3\n", "1.5.0-rc.1.dev.3", "the line", False),
    ("pom.xml", pom("<version> 1.4.2 </version>"), "1.4.2", "project/version", False),
    ("pom.xml", pom("<version>1.5.0-SNAPSHOT</version>"), "1.5.0", "project/version", True),
    ("pom.xml", pom("<parent><version>1.4.2</version></parent>"), "1.4.2", "project/parent/version", False),
    (
        "pom.xml",
        pom("<parent><version>7</version></parent><version>1.<!-- x -->4.2</version>"),
        "1.4.2",
        "project/version",
        False,
    ),
    (
        "pom.xml",
        pom(
            "<version>${revision}${changelist}</version>",
            "<revision>1.5</revision><changelist>-SNAPSHOT</changelist>",
        ),
        "1.5",
        "project/version",
        True,
    ),
    (
        "pom.xml",
        pom(
            "<version>${revision}${changelist}</version>",
            "<revision>${base}.0</revision><changelist/><base>1.5</base>",
        ),
        "1.5.0",
        "project/version",
        False,
    ),
    (
        "pom.xml",
        pom("<parent><version>3</version></parent><version>${project.parent.version}.1</version>"),
        "3.1",
        "project/version",
        False,
    ),
    (
        "pom.xml",
        '<p:project xmlns:p="http://maven.apache.org/POM/4.0.0"><p:version>1.4.2</p:version></p:project>',
        "1.4.2",
        "project/version",
        False,
    ),
    ("Chart.yaml", "apiVersion: v2\nversion: 0.1.0\nappVersion: '1.4.2'", "1.4.2", "appVersion", False),
    ("Chart.yaml", "version: 0.1.0\nappVersion: 1.10", "1.10", "appVersion", False),
    (
        "Chart.yaml",
        "version: 0.1.0\nappVersion: 2024-01-05 # a date to YAML",
        "2024-01-05",
        "appVersion",
        False,
    ),
    ("Chart.yaml", "version: 0.1.0", "0.1.0", "version", False),
    ("Chart.yaml", "appVersion:\nversion: 0.1.0", "0.1.0", "version", False),
    ("Chart.yaml", "appVersion: null\nversion: 0.1.0", "0.1.0", "version", False),
]


@pytest.mark.parametrize(("name", "content", "version", "key", "development"), STATED)
def test_a_file_states_a_version(
    tmp_path: Path, name: str, content: str, version: str, key: str, development: bool
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    assert read_version_file(path, Fences.of(".")) == Stated(version, f"{key} in {path}", development)


def test_xml_says_itself_how_it_is_encoded(tmp_path: Path) -> None:
    path = tmp_path / "pom.xml"
    text = "<project><name>Größe</name><version>1.4.2</version></project>"
    for encoding in ("utf-16", "iso-8859-1"):
        path.write_bytes(f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding))
        assert read_version_file(path, Fences.of(".")).version == "1.4.2"


# file, content, what the error must say
REFUSED = [
    ("pyproject.toml", '[project]\ndynamic = ["version"]', ["project.dynamic", "git's tags"]),
    (
        "pyproject.toml",
        '[tool.poetry]\nversion = "0.0.0"\n[tool.poetry-dynamic-versioning]\nenable = true',
        ["poetry-dynamic-versioning computes it from git"],
    ),
    ("package.json", '{"version": "0.0.0-development"}', ["semantic-release sets the version"]),
    ("pyproject.toml", "[tool.ruff]", ["no project.version and no tool.poetry.version"]),
    ("pyproject.toml", "[project]\nversion = 1.4", ["project.version", "float"]),
    ("pyproject.toml", "[project]\nversion = ''", ["project.version is ''"]),
    ("pyproject.toml", "project = 3", ["project is not a table"]),
    ("pyproject.toml", "[[project]]\nversion = '1.4.2'", ["project is not a table"]),
    ("pyproject.toml", "tool = ['poetry']", ["tool is not a table"]),
    ("pyproject.toml", "[project]\ndynamic = 3", ["no project.version"]),
    ("pyproject.toml", "version = = 1", ["not valid TOML", "line 1"]),
    ("pyproject.toml", "a = " + "[" * 100_000, ["not valid TOML", "nested too deeply"]),
    ("pyproject.toml", "a" + ".a" * 500_000 + " = 1", ["a key of a hundred parts"]),
    ("pyproject.toml", "b = {c = '\\'', " + '"a" . ' * 100_000 + "a = 1}", ["a key of a hundred parts"]),
    ("Cargo.toml", "[" + "'a'.a." * 100_000 + "a]", ["a key of a hundred parts"]),
    ("pyproject.toml", "a" * 1_000_000, ["not valid TOML"]),
    ("pyproject.toml", "a='" + "." * 1_000_000, ["not valid TOML"]),
    ("pyproject.toml", '"' * 1_000_000, ["not valid TOML"]),
    ("package.json", "{}", ["no version"]),
    ("package.json", '["version"]', ["its content is not a table"]),
    ("package.json", '{"version": null}', ["no version"]),
    ("package.json", '{"version": 2}', ["version", "int"]),
    ("package.json", '{"version": {"a": 1}}', ["version", "dict"]),
    ("package.json", '{"version": "1.0 beta"}', ["version is '1.0 beta'"]),
    ("package.json", '{"version": "1.0\\u001b[31m"}', ["version is '1.0\\x1b[31m'"]),
    ("package.json", json.dumps({"version": "1" * 300}), ["which cannot be a version"]),
    ("package.json", '{"version": ' + "9" * 5000 + "}", ["not valid JSON"]),
    ("package.json", "[" * 100_000, ["not valid JSON", "nested too deeply"]),
    ("package.json", "", ["not valid JSON"]),
    ("Cargo.toml", '[package]\nname = "x"', ["no package.version"]),
    ("Cargo.toml", '[package]\nname = "x"\n[workspace.package]\nversion = "1.0.0"', ["no package.version"]),
    ("Cargo.toml", "[package]\nversion.workspace = true", ["no Cargo.toml above has a [workspace]"]),
    ("Cargo.toml", "[package]\nversion.workspace = false", ["package.version", "dict"]),
    ("Cargo.toml", "[package]\nversion.workspace = true\n[workspace]", ["no workspace.package.version"]),
    (
        "Cargo.toml",
        "[package]\nversion.workspace = true\n[workspace]\npackage = 1",
        ["workspace.package is not a table"],
    ),
    ("Cargo.toml", "", ["no package.version"]),
    ("VERSION", "", ["it is empty"]),
    ("VERSION", " \n\n", ["it is empty"]),
    ("VERSION", "1.4.2\n1.4.3\n", ["2 lines of text"]),
    ("VERSION", "version 1.4.2", ["'version 1.4.2'"]),
    ("pom.xml", pom("<artifactId>x</artifactId>"), ["no project/version and no project/parent/version"]),
    ("pom.xml", pom("<version/>"), ["project/version is ''"]),
    (
        "pom.xml",
        pom("<version>${revision}</version>"),
        ["'${revision}'", "project/properties/revision is missing"],
    ),
    ("pom.xml", pom("<version>${a}</version>", "<a>${b}</a><b>${a}</b>"), ["refers to itself"]),
    ("pom.xml", pom("<version>${project.version}</version>"), ["refers to itself"]),
    ("pom.xml", pom("<version>${env.TAG}</version>"), ["project/properties/env.TAG is missing"]),
    ("pom.xml", pom("<version>1.${x</version>"), ["placeholder is not closed"]),
    ("pom.xml", "<project><version>1</project>", ["not valid XML", "line 1"]),
    ("pom.xml", "<settings><version>1</version></settings>", ["no project/version"]),
    ("pom.xml", "", ["not valid XML"]),
    ("pom.xml", "<!DOCTYPE project><project><version>1</version></project>", ["document type declaration"]),
    (
        "pom.xml",
        '<!DOCTYPE p [<!ENTITY a "1"><!ENTITY b "&a;&a;">]><project><version>&b;</version></project>',
        ["document type declaration"],
    ),
    ("pom.xml", '<?xml version="1.0" encoding="no-such"?><project/>', ["not valid XML"]),
    ("Chart.yaml", "name: x", ["no appVersion and no version"]),
    ("Chart.yaml", "- version", ["no appVersion and no version"]),
    ("Chart.yaml", "", ["no appVersion and no version"]),
    ("Chart.yaml", "appVersion: [1, 2]\nversion: 0.1.0", ["appVersion", "list"]),
    ("Chart.yaml", "appVersion: ''\nversion: 0.1.0", ["appVersion is ''"]),
    ("Chart.yaml", "a: b: c", ["not valid YAML", "line 1"]),
    ("Chart.yaml", "appVersion: *nothing", ["not valid YAML"]),
    ("Chart.yaml", "---\na: 1\n---\nb: 2", ["not valid YAML"]),
    ("Chart.yaml", "[" * 2_000, ["not valid YAML", "nested too deeply"]),
    ("Chart.yaml", "version: 1\n" + "a: [1]\n" * 20_000, ["it is larger than 128 KiB"]),
    (
        "setup.cfg",
        "[metadata]\nversion = 1.4.2",
        ["not a supported version file", "pyproject.toml, package.json"],
    ),
]


@pytest.mark.parametrize(("name", "content", "expected"), REFUSED)
def test_what_states_no_version(tmp_path: Path, name: str, content: str, expected: list[str]) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_version_file(path, Fences.of("."))
    assert str(path) in caught.value.what
    assert caught.value.why
    assert caught.value.remedy
    for words in expected:
        assert words in str(caught.value)


def test_a_pom_cannot_make_its_properties_explode(tmp_path: Path) -> None:
    path = tmp_path / "pom.xml"
    doubling = "".join(f"<p{n}>${{p{n + 1}}}${{p{n + 1}}}</p{n}>" for n in range(5000))
    for last, expected in (
        ("<p18>1</p18>", "too long"),
        ("<p18></p18>", "project/version is ''"),
        ("", "or through too many others"),
    ):
        properties = doubling if not last else doubling.partition("<p18>")[0] + last
        path.write_text(pom("<version>${p0}</version>", properties), encoding="utf-8")
        with pytest.raises(SourceError) as caught:
            read_version_file(path, Fences.of("."))
        assert expected in str(caught.value)


DYNAMIC = "[project]\nname = 'my-app'\ndynamic = ['version']\n"
HATCH = DYNAMIC + "[tool.hatch.version]\npath = 'src/app/__about__.py'\n"
SETUPTOOLS = DYNAMIC + "[tool.setuptools.dynamic]\nversion = "
PDM = DYNAMIC + "[tool.pdm.version]\n"
FLIT = DYNAMIC + "[build-system]\nbuild-backend = 'flit_core.buildapi'\n"
# pyproject.toml, the file that its backend reads, with its content -> the version, or what the error says
BACKENDS = [
    (HATCH, "src/app/__about__.py", '"""x"""\n__version__ = "1.4.2"\n', "1.4.2"),
    (HATCH, "src/app/__about__.py", "VERSION: str = 'v1.4.2'  # x\n", "1.4.2"),
    (HATCH, "src/app/__about__.py", "__version__ = '1.5.0.dev0'\n", "1.5.0"),
    (SETUPTOOLS + "{file = 'VERSION'}", "VERSION", "1.4.2\n", "1.4.2"),
    (SETUPTOOLS + "{file = ['VERSION']}", "VERSION", "1.4.2\n", "1.4.2"),
    (SETUPTOOLS + "{attr = 'app.__version__'}", "app/__init__.py", "__version__ = '1.4.2'\n", "1.4.2"),
    (SETUPTOOLS + "{attr = 'app.meta.version'}", "src/app/meta.py", "version = '1.4.2'\n", "1.4.2"),
    (PDM + "source = 'file'\npath = 'a.py'", "a.py", "__version__='1.4.2'\r\n", "1.4.2"),
    (FLIT, "src/my_app/__init__.py", "__version__ = '1.4.2'\n", "1.4.2"),
    (FLIT, "my_app.py", "__version__ = '1.4.2'\n", "1.4.2"),
    (HATCH, "src/app/__about__.py", "__version__ = version('app')\n", "0 lines assign a text to __version__"),
    (HATCH, "src/app/__about__.py", "__version__ = '1'\n__version__ = '2'\n", "2 lines assign a text to"),
    (HATCH, "other.py", "", "from a file that is missing: "),
    (HATCH + "pattern = 'x'", "src/app/__about__.py", "", "version.pattern is read by hatch alone"),
    (DYNAMIC + "[tool.hatch.version]\nsource = 'vcs'", "x", "", "the build backend computes it"),
    (DYNAMIC + "[tool.setuptools_scm]", "x", "", "the build backend computes it"),
    (DYNAMIC + "[tool.hatch.version]\npath = '../../host/a.py'", "x", "", "one outside the checkout"),
    (SETUPTOOLS + "{file = '../../host/a.py'}", "x", "", "one outside the checkout"),
    (SETUPTOOLS + "{file = 'link'}", "x", "", "it leads outside the checkout by a symlink"),
    (SETUPTOOLS + "{file = 'VERSION'}", "VERSION", "1.4.2\n1.4.3\n", "which cannot be a version"),
]  # fmt: skip


@pytest.mark.parametrize(("project", "name", "content", "expected"), BACKENDS)
def test_a_dynamic_version_of_python_is_read_from_the_backends_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: str, name: str, content: str, expected: str
) -> None:
    checkout = tmp_path / "a" / "checkout"
    path = checkout / name
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "a.py").write_text("__version__ = '4.7.11'\n", encoding="utf-8")
    (checkout / "link").symlink_to(tmp_path / "host" / "a.py")
    (checkout / "pyproject.toml").write_text(project, encoding="utf-8")
    monkeypatch.chdir(checkout)
    if expected[0].isdigit() and "lines" not in expected:
        found = read_version_file(Path("pyproject.toml"), Fences.of("."))
        assert found.version == expected and str(path) in found.where
        return
    with pytest.raises(SourceError) as caught:
        read_version_file(Path("pyproject.toml"), Fences.of("."))
    assert expected in str(caught.value) and "4.7.11" not in str(caught.value)


def parent(inner: str) -> str:
    return f"<parent><groupId>g</groupId>{inner}</parent><artifactId>app</artifactId>"


MODULE = parent("<artifactId>p</artifactId><version>${revision}${changelist}</version>")
ROOT = pom(
    "<groupId>g</groupId><artifactId>p</artifactId><version>${revision}${changelist}</version>",
    "<revision>2.1.0</revision><changelist>-SNAPSHOT</changelist>",
)
UP = "<relativePath>../parent</relativePath></parent>"
# the files of a checkout, the version of app/pom.xml, or what the error says
FAMILIES = [
    ({"pom.xml": ROOT, "app/pom.xml": pom(MODULE)}, "2.1.0", ""),
    ({"pom.xml": ROOT, "app/pom.xml": pom(MODULE, "<revision>3.0.0</revision>")}, "3.0.0", ""),
    (
        {
            "parent/pom.xml": ROOT,
            "app/pom.xml": pom(MODULE.replace("</parent>", UP)),
        },
        "2.1.0",
        "",
    ),
    (
        {
            "build/parent.xml": ROOT,
            "app/pom.xml": pom(
                MODULE.replace("</parent>", "<relativePath>../build/parent.xml</relativePath></parent>")
            ),
        },
        "2.1.0",
        "",
    ),
    (  # a grandparent has the property, and a parent's property refers to the module's
        {
            "pom.xml": pom("<artifactId>top</artifactId>", "<major>4</major><minor>0</minor>"),
            "mid/pom.xml": pom(
                "<parent><artifactId>top</artifactId><version>1</version></parent><artifactId>p</artifactId>",
                "<revision>${major}.${minor}.1</revision><changelist/>",
            ),
            "app/pom.xml": pom(
                MODULE.replace("</parent>", "<relativePath>../mid/pom.xml</relativePath></parent>"),
                "<minor>7</minor>",
            ),
        },
        "4.7.1",
        "",
    ),
    ({"pom.xml": pom("<artifactId>p</artifactId><version>5.0.0</version>"),
      "app/pom.xml": pom(parent("<artifactId>p</artifactId>"))}, "5.0.0", ""),
    ({"pom.xml": ROOT, "app/pom.xml": pom("<parent/>")}, "2.1.0", ""),
    ({"pom.xml": ROOT, ".mvn/maven.config": "-T1C\n-Drevision=6.0.0\n-Dchangelist=\n",
      "app/pom.xml": pom(MODULE)}, "6.0.0", ""),
    ({"app/pom.xml": pom(MODULE)}, "", "is not in the checkout: there is no "),
    ({"pom.xml": pom("<artifactId>other</artifactId>", "<revision>1</revision>"),
      "app/pom.xml": pom(MODULE)}, "", "/pom.xml is other"),
    ({"pom.xml": ROOT, "app/pom.xml": pom(MODULE.replace("</parent>", "<relativePath/></parent>"))},
     "", "is in a repository: its relativePath is empty"),
    ({"pom.xml": pom("<artifactId>p</artifactId>", "<revision>1</revision>"), "app/pom.xml": pom(MODULE)},
     "", "project/properties/changelist is missing, and "),
    ({"app/pom.xml": pom(parent("<relativePath>pom.xml</relativePath>"))}, "", "project/parent/version"),
    ({"app/pom.xml": pom(parent("<version>${x}</version><relativePath>pom.xml</relativePath>"))},
     "", "it has more than 20 parents"),
    ({"app/pom.xml": pom(MODULE.replace("</parent>", f"<relativePath>{'x' * 5000}</relativePath></parent>"))},
     "", "is not in the checkout"),
    ({"pom.xml": "<project>", "app/pom.xml": pom(MODULE)}, "", "not valid XML"),
    ({"pom.xml": "<!DOCTYPE p><project/>", "app/pom.xml": pom(MODULE)}, "", "document type declaration"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "version", "why"), FAMILIES)
def test_a_module_of_maven_inherits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], version: str, why: str
) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "app").mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path)
    if version:
        assert read_version_file(Path("app/pom.xml"), Fences.of(".")).version == version
        return
    with pytest.raises(SourceError) as caught:
        read_version_file(Path("app/pom.xml"), Fences.of("."))
    assert why in str(caught.value)


@pytest.mark.parametrize("path", ["../../host/pom.xml", "{0}/host/pom.xml", "../link/pom.xml"])
def test_a_module_of_a_checkout_has_no_parent_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    module = tmp_path / "checkout" / "app" / "pom.xml"
    module.parent.mkdir(parents=True)
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "pom.xml").write_text(ROOT.replace("2.1.0", "4.7.11"), encoding="utf-8")
    (tmp_path / "checkout" / "link").symlink_to(tmp_path / "host")
    place = f"<relativePath>{path.format(tmp_path)}</relativePath></parent>"
    module.write_text(pom(MODULE.replace("</parent>", place)), encoding="utf-8")
    monkeypatch.chdir("/")  # where there is no fence around what the user names
    assert read_version_file(module, Fences(())).version == "4.7.11"
    monkeypatch.chdir(tmp_path / "checkout")
    with pytest.raises(SourceError, match="outside the checkout") as caught:
        read_version_file(module, Fences.of("."))
    assert "4.7.11" not in str(caught.value)


def test_a_configuration_of_maven_outside_the_checkout_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkout").mkdir()
    (tmp_path / ".mvn").mkdir()
    (tmp_path / ".mvn" / "maven.config").write_text("-Drevision=4.7.11", encoding="utf-8")
    (tmp_path / "checkout" / "pom.xml").write_text(ROOT, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "checkout")
    assert read_version_file(Path("pom.xml"), Fences.of(".")).version == "2.1.0"


def test_a_crate_inherits_the_version_of_the_workspace_above(tmp_path: Path) -> None:
    member = tmp_path / "crates" / "app" / "Cargo.toml"
    member.parent.mkdir(parents=True)
    member.write_text("[package]\nversion.workspace = true", encoding="utf-8")
    (tmp_path / "crates" / "Cargo.toml").write_text("[package]\nversion = '9.9.9'", encoding="utf-8")
    root = tmp_path / "Cargo.toml"
    root.write_text("[workspace]\nmembers = ['crates/*']\npackage.version = '0.3.1'", encoding="utf-8")
    assert read_version_file(member, Fences.of(".")) == Stated(
        "0.3.1", f"workspace.package.version in {root}"
    )
    root.write_text("[workspace]\nmembers = ['crates/*']", encoding="utf-8")
    with pytest.raises(SourceError, match=f"{root} does not state a version"):
        read_version_file(member, Fences.of("."))
    root.write_text("[workspace", encoding="utf-8")
    with pytest.raises(SourceError, match=f"{root} is not valid TOML"):
        read_version_file(member, Fences.of("."))


def test_a_crate_may_name_its_workspace(tmp_path: Path) -> None:
    for folder in ("app", "root"):
        (tmp_path / folder).mkdir()
    member = tmp_path / "app" / "Cargo.toml"
    member.write_text("package = {version.workspace = true, workspace = '../root'}", encoding="utf-8")
    with pytest.raises(SourceError, match=r"no Cargo\.toml above"):
        read_version_file(member, Fences.of("."))
    (tmp_path / "root" / "Cargo.toml").write_text("[workspace.package]\nversion = '0.3.1'", encoding="utf-8")
    assert read_version_file(member, Fences.of(".")).version == "0.3.1"


def test_a_crate_of_a_checkout_names_no_workspace_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = tmp_path / "checkout" / "app" / "Cargo.toml"
    member.parent.mkdir(parents=True)
    (tmp_path / "host").mkdir()
    for folder in ("host", "."):
        (tmp_path / folder / "Cargo.toml").write_text("[workspace.package]\nversion = '4.7.11'")
    for named in ("", ", workspace = '../../host'", f", workspace = '{tmp_path}/host'"):
        member.write_text(f"package = {{version.workspace = true{named}}}", encoding="utf-8")
        monkeypatch.chdir("/")  # where there is no fence around what the user names
        assert read_version_file(member, Fences(())).version == "4.7.11"
        monkeypatch.chdir(tmp_path / "checkout")
        with pytest.raises(SourceError, match=r"no Cargo\.toml above has a \[workspace\]"):
            read_version_file(member, Fences.of("."))


@pytest.mark.parametrize("name", VERSION_FILES)
def test_a_link_out_of_the_checkout_shows_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkout").mkdir()
    (tmp_path / name).write_text("canary: [")
    (tmp_path / "checkout" / name).symlink_to(f"../{name}")
    monkeypatch.chdir(tmp_path / "checkout")
    with pytest.raises(SourceError, match="leads outside the checkout by a symlink") as caught:
        read_version_file(Path(name), Fences.of("."))
    assert "canary" not in str(caught.value) and caught.value.remedy


def test_files_are_looked_for_in_an_order(tmp_path: Path) -> None:
    assert find_version_file(tmp_path) is None
    assert find_version_file(tmp_path / "missing") is None
    (tmp_path / "VERSION").mkdir()
    for name in reversed([name for name in VERSION_FILES if name != "VERSION"]):
        (tmp_path / name).touch()
        assert find_version_file(tmp_path) == tmp_path / name
    assert VERSION_FILES[0] == "pyproject.toml"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("1.4.2", encoding="utf-8")
    (tmp_path / "VERSION").symlink_to(tmp_path / "elsewhere")
    assert read_version_file(tmp_path / "VERSION", Fences.of(".")).version == "1.4.2"
    assert find_version_file(tmp_path) == tmp_path / "VERSION"


@pytest.mark.parametrize("name", VERSION_FILES)
def test_what_cannot_be_read_as_a_file(tmp_path: Path, name: str) -> None:
    def refused(path: Path) -> str:
        with pytest.raises(SourceError) as caught:
            read_version_file(path, Fences.of("."))
        assert str(path) in str(caught.value)
        return str(caught.value)

    assert "No such file" in refused(tmp_path / name)
    (tmp_path / "folder" / name).mkdir(parents=True)
    assert "Is a directory" in refused(tmp_path / "folder" / name)
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / name)
    assert "is not a regular file" in refused(tmp_path / "pipe" / name)
    (tmp_path / "loop").mkdir()
    (tmp_path / "loop" / name).symlink_to(tmp_path / "loop" / name)
    assert "cannot read" in refused(tmp_path / "loop" / name)
    (tmp_path / name).write_bytes(b"version: \xff\xfe\x00")
    assert "is not valid " in refused(tmp_path / name)
    (tmp_path / name).write_bytes(b" " * 10_000_000)
    assert "it is larger than " in refused(tmp_path / name)
    with pytest.raises(SourceError, match="cannot read"):
        read_version_file(tmp_path / "\0" / name, Fences.of("."))


WORDS = [
    "project",
    "package",
    "version",
    "workspace",
    "tool",
    "poetry",
    "appVersion",
    "1.4.2",
    "true",
    "null",
]
words = st.sampled_from([*WORDS, *"=[]{}:,\"'-&*!<>/${}# \t\n\0\xff"])


@pytest.mark.parametrize("name", VERSION_FILES)
def test_any_content_is_a_version_or_an_error(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / name

    @given(st.one_of(st.lists(words, max_size=20).map("".join).map(str.encode), st.binary(max_size=40)))
    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            assert read_version_file(path, Fences.of(".")).version
        except SourceError as error:
            assert str(path) in error.what

    check()
