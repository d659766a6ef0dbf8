"""What is read of a script, and that all else of it is listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.delivery.moving.shell.operations import Condition, Does, Operation
from ecr_push.delivery.moving.shell.read import Script, read_script
from ecr_push.delivery.moving.shell.reader import NOT_KNOWN
from ecr_push.delivery.moving.values import FactKind, Value

KNOWN = {
    "SHA": Value.fact(FactKind.SHA, "", "$SHA"),
    "BRANCH": Value.fact(FactKind.BRANCH, "", "$BRANCH"),
    "TAG_NAME": Value.fact(FactKind.GIT_TAG, "", "$TAG_NAME"),
    "REF": Value.of(("refs/heads/", *Value.fact(FactKind.BRANCH).parts)),
}


def read(text: str) -> Script:
    return read_script(text, known=KNOWN)


def only(text: str) -> Operation:
    (operation,) = read(text).operations
    return operation


def shown(value: Value) -> str:
    """Facts as <kind detail>."""
    return "".join(
        part if isinstance(part, str) else f"<{' '.join(filter(None, (part.kind.value, part.detail)))}>"
        for part in value.parts
    )


VALUES = {
    "app:1": "app:1",
    "'$SHA'": "$SHA",
    '"a b":$SHA': "a b:<sha>",
    "$SHA$BRANCH-x": "<sha><branch>-x",
    "${SHA::7}": "<sha 7>",
    "${SHA:0:12}": "<sha 12>",
    "${SHA: :7}": "<sha 7>",
    "${SHA:3:7}": "<variable SHA>",
    "$(git rev-parse HEAD)": "<sha>",
    "$(git rev-parse --short HEAD)": "<sha 7>",
    "$(git rev-parse --short=10 HEAD)": "<sha 10>",
    "`git rev-parse --short HEAD`": "<sha 7>",
    "$(git log -1 --format=%h)": "<sha 7>",
    "$(git log -1 --pretty=format:'%H')": "<sha>",
    "$(echo $SHA | cut -c1-8)": "<sha 8>",
    "$(echo $SHA | cut -c 1-7 2>/dev/null)": "<sha 7>",
    '$(printf %s "$SHA" | head -c 7)': "<sha 7>",
    "$(git rev-parse HEAD | cut -c1-7)": "<sha 7>",
    "$(git rev-parse --abbrev-ref HEAD)": "<branch>",
    "${BRANCH//\\//-}": "<branch>",
    "$(echo $BRANCH | sed 's/\\//-/g')": "<branch>",
    "$(echo $BRANCH | tr '/' '-')": "<branch>",
    "${BRANCH,,}": "<variable BRANCH>",
    "${REF#refs/heads/}": "<branch>",
    "${TAG_NAME#v}": "<tag v>",
    "${TAG_NAME:-$BRANCH}": "<ref>",
    "${SHA:-latest}": "<sha>",
    "${NOT_SET:-latest}": "<variable NOT_SET>",
    "$NOT_SET": "<variable NOT_SET>",
    "$(date +%Y%m%d)": "<date %Y%m%d>",
    "$(date -u '+%Y-%m-%d %H')": "<date %Y-%m-%d %H>",
    "$(cat VERSION)": "<version VERSION>",
    "$(node -p \"require('./package.json').version\")": "<version package.json>",
    "$(jq -r .version package.json)-x": "<version package.json>-x",
    "$(aws sts get-caller-identity --query Account --output text).x": "<account>.x",
    "$(./version.sh --next)": "<command ./version.sh --next>",
    "$((1 + 1))": "<command>",
    "${{ github.sha }}": "<variable github.sha>",
    "$(aws ecr describe-repositories --repository-names a/b --query 'repositories[0].repositoryUri')":
        "<registry>/a/b",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), VALUES.items())
def test_what_a_word_stands_for(text: str, expected: str) -> None:
    (argument,) = only(f"docker push {text}").arguments
    assert shown(argument) == expected


ASSIGNED = {
    "A=1; B=$A-x": "1-x",
    'export A="$SHA"\nB=${A::7}': "<sha 7>",
    "A=v1.2.3 ; B=${A#v}": "1.2.3",
    "A=a/b/c; B=${A##*/}": "c",
    "A=a/b/c; B=${A#*/}": "b/c",
    "A=a.b.c; B=${A%.*}": "a.b",
    "A=a.b.c; B=${A%%.*}": "a",
    "A=a/b; B=${A/\\//-}": "a-b",
    "A=; B=${A:-x}": "x",
    "A=Ab; B=${A,,}${A^^}": "abAB",
    "B=a; B+=b": "ab",
    "A=1; (A=2; cd x); B=$A": "1",
    "B=1; if test -n \"$X\"; then B=2; fi": "<variable B>",
    "B=1; if test -n \"$X\"; then B=1; fi": "1",
    "B=1; [ $X ] && B=2": "<variable B>",
    "B=1; case $X in a) B=2;; esac": "<variable B>",
    "declare -r B=$SHA": "<sha>",
    "B=1; unset B": "",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ASSIGNED.items())
def test_what_a_variable_holds(text: str, expected: str) -> None:
    assert shown(read(text).variables["B"]) == expected


DOES = {
    "docker build .": Does.BUILD,
    "sudo DOCKER_BUILDKIT=1 docker image build .": Does.BUILD,
    "env A=1 docker --config /tmp/x buildx build .": Does.BUILD,
    "docker --config=/tmp/x build .": Does.BUILD,
    "/usr/bin/podman build .": Does.BUILD,
    "buildah bud .": Does.BUILD,
    "/kaniko/executor --context . --destination a:1": Does.BUILD,
    "docker tag a b": Does.TAG,
    "docker push a": Does.PUSH,
    "docker buildx imagetools create -t a b": Does.RETAG,
    "docker buildx bake": Does.MANY,
    "docker login -u AWS": Does.LOGIN,
    "aws --region x ecr get-login-password": Does.LOGIN,
    "eval $(aws ecr get-login --no-include-email)": Does.LOGIN,
    "$(aws ecr get-login)": Does.LOGIN,
    "aws ecr wait image-scan-complete --repository-name a": Does.SCAN,
    "N=$(aws ecr describe-image-scan-findings --repository-name a)": Does.SCAN,
    "aws ecr start-image-scan --repository-name a": Does.SCAN,
    "trivy image a": Does.SCAN,
    "aws ecr create-repository --repository-name a": Does.CREATE,
    "aws ecr put-image --repository-name a": Does.RETAG,
    "aws ecs update-service --service a": Does.DEPLOY,
    "aws ecs register-task-definition --cli-input-json file://x": Does.DEPLOY,
    "aws lambda update-function-code --image-uri a": Does.DEPLOY,
    "kubectl -n x set image deployment/a a=b": Does.DEPLOY,
    "helm upgrade --install a b": Does.DEPLOY,
    "aws sts assume-role --role-arn a": Does.ROLE,
    "bash -c 'docker push a'": Does.PUSH,
}  # fmt: skip


@pytest.mark.parametrize(("text", "does"), DOES.items())
def test_what_a_command_does(text: str, does: Does) -> None:
    assert only(text).does is does


OTHERS = [
    "echo docker push", "npm test", "docker ps -a", "docker info", "aws s3 cp a b", "aws ecs list-services",
    "kubectl get pods", "pip install docker", "aws ecr describe-images", "sudo usermod -aG docker jenkins",
    "apt-get install -y docker.io", "cp docker/a b",
]  # fmt: skip


@pytest.mark.parametrize("text", OTHERS)
def test_what_does_nothing_to_an_image(text: str) -> None:
    script = read(text)
    assert not script.operations and not script.unread


UNREAD = {
    "./docker-build.sh": NOT_KNOWN,
    "make docker-push": NOT_KNOWN,
    "xargs docker push": NOT_KNOWN,
    "docker buildx --builder b prune": NOT_KNOWN,
    "while read a; do docker push $a; done": "`while` is not taken apart",
    "case $a in b) docker push c;; esac": "`case` is not taken apart",
    "push() { docker push $1; }": "a function is not taken apart",
    "for a in $LIST; do docker push $a; done": "the list that `for` goes through is not in the file",
    'docker push "a': 'a " has no end',
    "if true; then docker push a": "`fi` is missing",
    'bash -c "$X docker push"': "a script with variables of another one",
    "docker push ${a": "a { has no end",
    "fi; docker push a": "`fi` stands where a command is expected",
}


@pytest.mark.parametrize(("text", "why"), UNREAD.items())
def test_what_is_not_understood_is_listed(text: str, why: str) -> None:
    script = read(f"npm ci\n{text}")
    (unread,) = script.unread
    assert (unread.line, unread.why) == (2, why)
    assert not script.operations


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "; ".join(f"for {name} in 1 2 3 4 5 6 7 8; do true" for name in "abcdefgh")
            + "; docker push x:$a"
            + "; done" * 8,
            "it goes round more than 50 times",
        ),
        ("A=$X; " + "A=$A$A; " * 60 + "docker push x:$A", ""),
        ("A=xx; " + "A=$(echo $A $A); " * 60 + "docker push x:$A", ""),
    ],
)
def test_a_script_that_grows_without_end_is_not_followed(text: str, why: str) -> None:
    script = read(text)
    assert {one.why for one in script.unread} == ({why} if why else set())
    assert not any(one.arguments[0].text for one in script.operations), "its value is not known"


def test_options_and_arguments() -> None:
    found = only(
        "docker buildx build -t a:1 --tag=b:$SHA -fsub/Dockerfile --build-arg A=1 --no-cache --push "
        "--pull=true --platform linux/amd64,linux/arm64 --frobnicate dir"
    )
    assert [shown(one) for one in found.all("tag")] == ["a:1", "b:<sha>"]
    assert [(name, shown(value)) for name, value in found.options if name != "tag"] == [
        ("file", "sub/Dockerfile"),
        ("build-arg", "A=1"),
        ("no-cache", "true"),
        ("push", "true"),
        ("pull", "true"),
        ("platform", "linux/amd64,linux/arm64"),
        ("frobnicate", "true"),
    ]
    assert [shown(one) for one in found.arguments] == ["dir"]
    assert found.strange == ("--frobnicate",)


def test_kaniko_is_a_build_that_pushes() -> None:
    found = only(
        "/kaniko/executor --context=dir --dockerfile d/Dockerfile --destination a:1 -d b:1 --cache=true"
    )
    assert found.is_on("push")
    assert [shown(one) for one in found.arguments] == ["dir"]
    assert shown(found.last("file") or Value()) == "d/Dockerfile"


def test_a_variable_with_several_words_is_several() -> None:
    found = only('ARGS="--pull -t a:1"\nX=""\ndocker build $ARGS $X "$X" .')
    assert [name for name, _ in found.options] == ["pull", "tag"]
    assert [one.source for one in found.arguments] == ["", "."]


def test_folders() -> None:
    script = read(
        "cd a\n(cd b; docker build .)\ndocker build .\ncd ..\ndocker build .\ncd $X; docker build ."
    )
    assert [one.folder for one in script.operations] == ["a/b", "a", ".", None]


CONDITIONS = {
    'if [ "$BRANCH" = main ]; then docker push a; fi': ('[ "$BRANCH" = main ]', "<branch>", "main", True),
    '[[ $BRANCH == main ]] && docker push a': ("[[ $BRANCH == main ]]", "<branch>", "main", True),
    'if [ "$BRANCH" != main ]; then docker push a; fi': ('[ "$BRANCH" != main ]', "<branch>", "main", False),
    'if ! [ "$BRANCH" = main ]; then docker push a; fi':
        ('! [ "$BRANCH" = main ]', "<branch>", "main", False),
    'if [ "$BRANCH" = main ]; then :; else docker push a; fi':
        ('! { [ "$BRANCH" = main ]; }', "<branch>", "main", False),
    '[ "$BRANCH" = main ] || docker push a': ('! { [ "$BRANCH" = main ]; }', "<branch>", "main", False),
    'if [ -n "$TAG_NAME" ]; then docker push a; fi': ('[ -n "$TAG_NAME" ]', "<tag>", "", False),
    'if [ -z "$TAG_NAME" ]; then docker push a; fi': ('[ -z "$TAG_NAME" ]', "<tag>", "", True),
    "if grep -q x y; then docker push a; fi": ("grep -q x y", None, None, True),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CONDITIONS.items())
def test_conditions(text: str, expected: tuple[str, str | None, str | None, bool]) -> None:
    (found,) = only(text).conditions

    def side(value: Value | None) -> str | None:
        return None if value is None else shown(value)

    assert (found.text, side(found.left), side(found.right), found.holds) == expected


def test_a_list_of_conditions() -> None:
    found = only("if a; then :; elif b; then [ c ] && docker push d; fi")
    assert found.conditions == (
        Condition("! { a; }", holds=False),
        Condition("b"),
        Condition("[ c ]"),
    )


def test_a_list_that_is_known_is_gone_through() -> None:
    script = read(
        'for t in latest "$SHA" ${BRANCH}; do\n  docker tag app r/app:$t\n  docker push "r/app:$t"\ndone'
    )
    pushed = [one.arguments[0] for one in script.operations if one.does is Does.PUSH]
    assert [shown(one) for one in pushed] == ["r/app:latest", "r/app:<sha>", "r/app:<branch>"]
    assert [(one.does, one.line) for one in script.operations[:2]] == [(Does.TAG, 2), (Does.PUSH, 3)]


def test_a_gate() -> None:
    script = read(
        "N=$(aws ecr describe-image-scan-findings --query x.CRITICAL)\n"
        'if [ "$N" != None ] && [ "$N" -gt 0 ]; then\n  echo bad\n  exit 1\nfi\n'
        'if [ "$N" = 0 ]; then echo good; fi\nif [ "$X" = 0 ]; then exit 1; fi'
    )
    assert [(one.does, one.line) for one in script.operations] == [(Does.SCAN, 1), (Does.GATE, 2)]


def test_what_is_written_for_later_steps() -> None:
    script = read(
        'T=$SHA\necho "tag=$T" >> "$GITHUB_OUTPUT"\necho "export B=${T::7}" >> $BASH_ENV\n'
        "echo 'export C=$T' >> $BASH_ENV\necho x=y > file\necho several words=x >> $GITHUB_ENV"
    )
    assert {name: shown(value) for name, value in script.written.items()} == {
        ("GITHUB_OUTPUT", "tag"): "<sha>",
        ("BASH_ENV", "B"): "<sha 7>",
        ("BASH_ENV", "C"): "<sha>",
    }


def test_a_file_for_codepipeline() -> None:
    text = """printf '[{"name":"web","imageUri":"%s"}]' a:$SHA > out/imagedefinitions.json"""
    found = only(text)
    assert found.does is Does.DEFINE
    assert [shown(one) for one in found.arguments] == ['[{"name":"web","imageUri":"%s"}]', "a:<sha>"]


def test_statements_and_what_else_they_do() -> None:
    script = read("npm ci && docker build . && npm test\n# a comment\ncat <<E >f\ndocker push x\nE\necho $X")
    assert [(one.line, [piece.text for piece in one.pieces]) for one in script.statements] == [
        (1, ["npm ci", "docker build .", "npm test"]),
        (3, ["cat <<E >f"]),
        (6, []),
    ]


def test_lines_are_those_of_the_file() -> None:
    script = read_script("npm ci\r\ndocker build \\\r\n  .\r\n./docker.sh", line=10)
    (build,) = script.operations
    assert (build.line, build.end) == (11, 12)
    assert script.unread[0].line == 13


ODD = [*(text * 3000 for text in ("$(", "(", "if ", '"$(', "${a:-")),
       "((", "`", "<<", "<<E", "a <", "${}", "{", "}"]  # fmt: skip
PIECES = [*"abc ${}()|&;<>\"'`\\\n#=:-", "docker push ", "if ", "then ", "fi", "for a in ", "do ", "done",
          "$(", "${{ a }}", "<<E", "echo "]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(text: str) -> None:
    script = read(f"docker push {text}\n{text}")
    assert script.statements


@given(st.lists(st.sampled_from(PIECES)))
def test_any_text_is_read_or_listed(pieces: list[str]) -> None:
    script = read("".join(pieces))
    assert all(1 <= one.line <= one.end for one in script.statements)
