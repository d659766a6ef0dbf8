"""A remote's address as people may see it."""

from __future__ import annotations

import pytest

from ecr_push.remote import public_url

ADDRESSES = {
    "https://github.com/acme/app.git": "https://github.com/acme/app",
    "https://github.com/acme/app/": "https://github.com/acme/app",
    "https://robot:hunter2@github.com/acme/app.git": "https://github.com/acme/app",
    "https://hunter2@github.com/acme/app": "https://github.com/acme/app",
    "https://a%40b:p@ss@git.example:8443/app.git": "https://git.example:8443/app",
    "https://git.example/app.git?private_token=hunter2#x": "https://git.example/app",
    "http://git.example/app": "http://git.example/app",
    "git@github.com:acme/app.git": "https://github.com/acme/app",
    "github.com:acme/app.git": "https://github.com/acme/app",
    "ssh://git@git.example:2222/acme/app.git": "https://git.example/acme/app",
    "git://git.example/app.git": "https://git.example/app",
    "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app": (
        "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app"
    ),
    "ssh://APKAEXAMPLE@git-codecommit.eu-west-1.amazonaws.com/v1/repos/app": (
        "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app"
    ),
    "codecommit::eu-west-1://profile@app": "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app",
    "codecommit://app": "",
    "/srv/git/app.git": "",
    "../app": "",
    "file:///srv/git/app.git": "",
    "https://[broken/app": "",
    "https://git.example:port/app": "",
    "": "",
}


@pytest.mark.parametrize(("url", "expected"), ADDRESSES.items())
def test_a_remotes_address(url: str, expected: str) -> None:
    assert public_url(url) == expected
