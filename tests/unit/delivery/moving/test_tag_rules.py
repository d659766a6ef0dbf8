"""Tags as files put them together, and the rules that give the same."""

from __future__ import annotations

import pytest

from ecr_push.delivery.moving.image_name import image_name
from ecr_push.delivery.moving.tag_rules import may_all_move, moment_format, rules_of
from ecr_push.delivery.moving.values import Fact, FactKind, Value

SHA = Fact(FactKind.SHA)
SHORT = Fact(FactKind.SHA, "7")
BRANCH = Fact(FactKind.BRANCH)
RUN = Fact(FactKind.RUN_NUMBER, "", "${{ github.run_number }}")
HOST = Fact(FactKind.REGISTRY)


def words(fact: Fact) -> str | None:
    return fact.text or None


@pytest.mark.parametrize(
    ("parts", "rules"),
    [
        (("latest",), ("type=raw,value=latest",)),
        ((SHA,), ("type=sha,format=long,prefix=",)),
        (("git-", SHA, "-arm"), ("type=sha,format=long,prefix=git-,suffix=-arm",)),
        ((SHORT,), ("type=sha,prefix=",)),
        ((Fact(FactKind.SHA, "8", "$short"),), ("type=raw,value=$short",)),
        ((Fact(FactKind.SHA, "8"),), ()),
        ((BRANCH,), ("type=ref,event=branch",)),
        ((BRANCH, "-", SHORT), ("type=raw,value={{branch}}-{{sha}}",)),
        ((Fact(FactKind.GIT_TAG),), ("type=ref,event=tag",)),
        ((Fact(FactKind.GIT_TAG, "v"),), ("type=match,pattern=^v(.*)$,group=1",)),
        ((Fact(FactKind.REF),), ("type=ref,event=branch", "type=ref,event=tag")),
        ((Fact(FactKind.PULL_REQUEST),), ("type=ref,event=pr,prefix=",)),
        (("pr-", Fact(FactKind.PULL_REQUEST)), ("type=ref,event=pr,prefix=pr-",)),
        (("1.0.", RUN), ("type=raw,value=1.0.${{ github.run_number }}",)),
        ((Fact(FactKind.DATE, "+%Y%m%d"),), ("type=raw,value={{date 'YYYYMMDD'}}",)),
        ((Fact(FactKind.DATE, "+%Q"),), ()),
        ((Fact(FactKind.COMMAND, "x"),), ()),
        ((), ()),
    ],
)
def test_a_tag_is_given_by_these_rules(parts: tuple[str | Fact, ...], rules: tuple[str, ...]) -> None:
    assert rules_of(Value.of(parts), words) == rules


@pytest.mark.parametrize(
    ("rules", "moves"),
    [
        (["type=raw,value=latest"], True),
        (["type=raw,value=latest", "type=raw,value=${{ github.run_number }}"], True),
        (["type=raw,value=build-${BUILD_NUMBER}", "type=raw,value={{date 'YYYYMMDD'}}"], True),
        (
            ["type=ref,event=branch", "type=raw,value=latest,enable=${{ github.ref == 'refs/heads/main' }}"],
            True,
        ),
        (["type=raw,value=${CODEBUILD_RESOLVED_SOURCE_VERSION}"], True),
        (["type=ref,event=branch\ntype=sha\n"], False),
        (["type=raw,value=latest", "type=sha,format=long,prefix="], False),
        (["type=raw,value=1.4.2"], False),  # which is a version by its name
        (["type=raw,value=${VERSION}"], False),
        (["type=raw,value=${{ steps.values.outputs.version }}"], False),
        (["type=semver,pattern={{version}}", "type=ref,event=branch"], False),
        ([], False),
    ],
)
def test_whether_a_tag_stays_with_its_image(rules: list[str], *, moves: bool) -> None:
    assert may_all_move(rules) is moves


def test_where_the_commit_is_the_one_that_is_built_its_tag_is_its_own() -> None:
    sha = Fact(FactKind.SHA, text="${{ github.sha }}")
    assert rules_of(Value.of(("v-", sha)), words, has_commit=True) == ("type=sha,format=long,prefix=v-",)
    assert rules_of(Value.of((sha,)), words) == ("type=raw,value=${{ github.sha }}",)


@pytest.mark.parametrize(
    ("form", "moment"),
    [("+%Y-%m-%dT%H", "YYYY-MM-DD[T]HH"), ("%s", "X"), ("%F", "YYYY-MM-DD"), ("%", None), ("%Z", None)],
)
def test_a_date_is_written_as_the_rules_write_it(form: str, moment: str | None) -> None:
    assert moment_format(form) == moment


@pytest.mark.parametrize(
    ("parts", "registry", "repository", "tag"),
    [
        (("team/app",), (), ("team/app",), None),
        (("team/app:1",), (), ("team/app",), ("1",)),
        (("127.0.0.1:5000/app",), ("127.0.0.1:5000",), ("app",), None),
        ((HOST, "/team/app:", SHA), (HOST,), ("team/app",), (SHA,)),
        ((HOST, "/", RUN, ":v", RUN), (HOST,), (RUN,), ("v", RUN)),
        (("1.dkr.ecr.", RUN, ".amazonaws.com/a"), ("1.dkr.ecr.", RUN, ".amazonaws.com"), ("a",), None),
        ((RUN,), (), (RUN,), None),
        (("a@sha256:00",), (), ("a",), None),
    ],
)
def test_an_images_name_is_divided_as_docker_does(
    parts: tuple[str | Fact, ...],
    registry: tuple[str | Fact, ...],
    repository: tuple[str | Fact, ...],
    tag: tuple[str | Fact, ...] | None,
) -> None:
    name = image_name(Value.of(parts))
    found = (name.registry.parts, name.repository.parts, name.tag.parts if name.tag else None)
    assert found == (registry, repository, tag)
