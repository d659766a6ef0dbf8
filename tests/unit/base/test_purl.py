"""Package URLs: what we write for a package is what we read as its name."""

from __future__ import annotations

import pytest

from ecr_push.base.purl import TYPE_OF_MANAGER, Purl, is_type_of, package_url


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "pkg:deb/debian/curl@1%3A7.0-1?arch=amd64",
            ("deb", "debian", "curl", "1:7.0-1", {"arch": "amd64"}, ""),
        ),
        ("pkg:npm/@scope/name@1.0", ("npm", "@scope", "name", "1.0", {}, "")),
        ("pkg:npm/@scope/name", ("npm", "@scope", "name", "", {}, "")),
        ("PKG:Oci/app@sha256:0?Tag=1&empty=", ("oci", "", "app", "sha256:0", {"tag": "1"}, "")),
        ("pkg:golang/a.example/b@v1#cmd/c/", ("golang", "a.example", "b", "v1", {}, "cmd/c")),
    ],
)
def test_the_parts_of_a_package_url(text: str, parts: tuple[object, ...]) -> None:
    one = Purl.parse(text)
    assert one is not None
    assert (one.kind, one.namespace, one.name, one.version, one.qualifiers, one.subpath) == parts


@pytest.mark.parametrize("text", ["", "pkg", "pkg:", "pkg:deb", "https://a.example/pkg:deb/x", "openssl"])
def test_texts_that_are_not_package_urls(text: str) -> None:
    assert Purl.parse(text) is None


@pytest.mark.parametrize("manager", TYPE_OF_MANAGER)
@pytest.mark.parametrize(
    "name",
    [
        "name",
        "Name",
        "my_name.x",
        "@Scope/name",
        "Vendor/Name",
        "org.Group:artifact",
        "github.com/Azure/x",
        "a b+c",
    ],
)
def test_a_package_is_found_by_the_url_that_a_report_writes_for_it(manager: str, name: str) -> None:
    url = package_url(manager, name, "1.0+x")
    purl = Purl.parse(url)
    assert purl is not None
    assert purl.version == "1.0+x"
    assert is_type_of(purl.kind, manager)
    assert purl.is_named(name), url


@pytest.mark.parametrize(
    ("manager", "name", "url"),
    [
        ("PIP", "Zope_Interface", "pkg:pypi/zope-interface@1.0"),
        ("GOBINARY", "github.com/Azure/x", "pkg:golang/github.com/azure/x@1.0"),
        ("COMPOSER", "Laravel/Framework", "pkg:composer/laravel/framework@1.0"),
        ("JAR", "org.apache:log4j", "pkg:maven/org.apache/log4j@1.0"),
        ("NPM", "@scope/name", "pkg:npm/%40scope/name@1.0"),
        ("OS", "openssl", ""),
        ("NEW", "x", ""),
        ("NPM", "", ""),
    ],
)
def test_the_url_of_a_package(manager: str, name: str, url: str) -> None:
    assert package_url(manager, name, "1.0") == url
