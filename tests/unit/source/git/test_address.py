"""A remote's address and its words as people may see them."""

from __future__ import annotations

import pytest

from ecr_push.source.git.address import public_text, public_url

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


WORDS = {
    "fatal: could not read Password for 'https://hunter2@github.com': terminal prompts disabled": (
        "fatal: could not read Password for 'https://github.com': terminal prompts disabled"
    ),
    "fatal: unable to access 'https://robot:hunter2@git.example:8443/app.git/': refused": (
        "fatal: unable to access 'https://git.example:8443/app.git/': refused"
    ),
    "https://robot:hunt'er2@git.example/app": "https://git.example/app",
    "https://robot:p@hunter2@git.example/app": "https://git.example/app",
    "fatal: unable to access 'https://robot:hun/ter2?#@git.example/app/': bad": (
        "fatal: unable to access 'https://git.example/app/': bad"
    ),
    "https://git.example:8443/a@v1": "https://git.example:8443/a@v1",
    "ssh://hunter2@git.example/app": "ssh://git.example/app",
    "fatal: repository 'https://git.example/app?private_token=hunter2' not found": (
        "fatal: repository 'https://git.example/app' not found"
    ),
    "http.extraheader: AUTHORIZATION: basic aHVudGVyMg==": "http.extraheader: AUTHORIZATION: basic …",
    "see https://docs.example/a@v1 or mail ada@example.com": (
        "see https://docs.example/a@v1 or mail ada@example.com"
    ),
    "remote: \x1b[31mno\x1b[0m\x07\r\n\nfatal: no\n": "remote: no\nfatal: no",
    "": "",
}


@pytest.mark.parametrize(("said", "shown"), WORDS.items())
def test_a_remotes_words(said: str, shown: str) -> None:
    assert public_text(said) == shown


def test_a_remotes_words_are_cut_to_their_end() -> None:
    shown = public_text("remote: blah\n" * 1000 + "fatal: the reason")
    assert len(shown) <= 1001
    assert shown.endswith("fatal: the reason")
