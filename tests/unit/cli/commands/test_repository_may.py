"""`ecr-push repository may`, with a registry in memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecr_push.cli import reach
from ecr_push.registry.access import FoundAccess
from ecr_push.upkeep.policies.model import Grant
from ecr_push.upkeep.policies.render import repository_policy
from tests.support.policies import ACCOUNT, principal
from tests.unit.cli.commands.conftest import Console

ROLE = "arn:aws:iam::111122223333:role/deploy"
ASK = ("repository", "may", "--region", "eu-west-1")


class FakeRepositories:
    region = "eu-west-1"

    def __init__(self) -> None:
        text = repository_policy([Grant("pull", principal("111122223333"))])
        arn = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/shop"
        self.found = {"team/shop": FoundAccess(arn, {}, text, "")}

    def account(self) -> str:
        return ACCOUNT

    def access(self, name: str) -> FoundAccess:
        return self.found.get(name, FoundAccess("", {}, "", ""))


@pytest.fixture(autouse=True)
def repositories(monkeypatch: pytest.MonkeyPatch) -> FakeRepositories:
    made = FakeRepositories()
    monkeypatch.setattr(reach.Reach, "repositories", lambda own, options: made)
    return made


def test_each_call_with_the_statement_that_decides(console: Console) -> None:
    assert console.run(*ASK, ROLE, "pull", "team/shop", "--identity", "*") == 0, console.err
    assert console.out == (
        f"May {ROLE} pull team/shop of {ACCOUNT}? yes\n"
        "  yes      ecr:GetAuthorizationToken   everything of --identity '*'\n"
        "  yes      ecr:BatchGetImage           everything of --identity '*' and Statement[0] (Pull) of the "
        "repository's policy\n"
        "  yes      ecr:GetDownloadUrlForLayer  everything of --identity '*' and Statement[0] (Pull) of the "
        "repository's policy\n"
        "Not looked at: permissions boundary (--boundary), session policies (--session), policies of the "
        "organisation (--scp)\n"
    )


def test_what_it_depends_on_is_not_a_yes(console: Console, repositories: FakeRepositories) -> None:
    assert console.run(*ASK, ROLE, "pull", "team/shop") == 10
    assert f"May {ROLE} pull team/shop of {ACCOUNT}? it depends\n" in console.out
    assert "  -> --identity FILE gives its own policies" in console.out
    found = repositories.found["team/shop"]
    repositories.found["team/shop"] = FoundAccess(found.arn, None, None, None)
    assert console.run(*ASK, ROLE, "PutImage", "-r", "team/shop", "--identity", "*") == 10
    assert "depends on the repository's policy and the registry's policy" in console.out
    assert "the registry's policy could not be read: ask with credentials that have ecr:GetReg" in console.out


def test_a_no_says_what_lacks(console: Console) -> None:
    assert console.run(*ASK, ROLE, "push", "team/shop", "--identity", "*", "--output", "json") == 10
    document = json.loads(console.out)
    assert (document["verdict"], document["account"]) == ("no", ACCOUNT)
    calls = {one["action"]: one for one in document["calls"]}
    assert calls["ecr:PutImage"]["why"] == "no policy of the repository or the registry allows it"
    assert calls["ecr:BatchGetImage"]["verdict"] == "yes"
    console.run(*ASK, ROLE, "push", "team/shop", "--identity", "*")
    assert "  -> to let it in: `push` of team/shop in ecr-repositories.yml\n" in console.out
    assert "Not looked at" not in console.out


def test_policies_of_every_kind_from_files(console: Console) -> None:
    def write(name: str, wrap: str, **statement: object) -> str:
        document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*", **statement}}
        Path(name).write_text(json.dumps({wrap: document} if wrap else document))
        return name

    own = write("own.json", "PolicyDocument", Action="ecr:*")
    less = write("less.json", "", NotAction="ecr:PutImage")
    ask = (*ASK, f"arn:aws:iam::{ACCOUNT}:role/ci", "PutImage", "team/shop", "--identity", own)
    assert console.run(*ask) == 0, console.err
    for flag, why in (
        ("--boundary", "its permissions boundary does not allow it"),
        ("--session", "its session policy does not allow it"),
        ("--scp", "a service control policy does not allow it"),
    ):
        assert console.run(*ask, flag, less) == 10
        assert why in console.out
    assert console.run(*ask, "--scp", f"{less},{own}") == 0, "one of a level is enough"
    content = json.dumps({"Statement": {"Effect": "Deny", "Action": "ecr:Put*", "Resource": "*"}})
    Path("scp.json").write_text(json.dumps({"Policy": {"PolicySummary": {}, "Content": content}}))
    assert console.run(*ask, "--scp", f"{own},scp.json") == 10
    assert "denied by Statement of scp.json\n" in console.out


def test_a_repository_as_a_file_would_make_it(console: Console) -> None:
    Path("r.yml").write_text(
        "repositories:\n  team/new: {pull: [org:o-a1b2c3d4e5]}\n  team/shop: {pull: none}\n  team/old:\n"
    )
    planned = (ROLE, "pull", "--identity", "*", "--planned", "r.yml")
    inside = ("--context", "aws:PrincipalOrgID=o-a1b2c3d4e5")
    assert console.run(*ASK, *planned, "team/new") == 10
    assert "depends on aws:PrincipalOrgID" in console.out
    assert console.run(*ASK, *planned, "team/new", *inside) == 0, console.err
    assert console.run(*ASK, *planned, "team/shop") == 10
    assert "? no\n" in console.out
    assert console.run(*ASK, *planned, "team/none") == 2
    assert "--planned r.yml: says nothing of team/none" in console.err
    assert console.run(*ASK, *planned, "team/old") == 10, "created without a policy"
    assert console.run(*ASK, ROLE, "pull", "team/old") == 4
    assert "there is no repository team/old" in console.err


def test_a_registry_as_a_file_would_make_it(console: Console, repositories: FakeRepositories) -> None:
    ask = (*ASK, "arn:aws:iam::999999999999:role/a", "pull", "team/shop", "--identity", "*")
    assert console.run(*ask) == 10
    Path("r.yml").write_text("policy: {pull: ['999999999999 on team/*']}\n")
    assert console.run(*ask, "--planned-registry", "r.yml") == 0, console.err
    assert "Statement[0] (Pull) of the registry's policy" in console.out
    Path("r.yml").write_text("policy: none\n")
    assert console.run(*ask, "--planned-registry", "r.yml") == 10
    Path("r.yml").write_text("settings: {blob-mounting: enabled}\n")
    assert console.run(*ask, "--planned-registry", "r.yml") == 2
    assert "--planned-registry r.yml: says nothing of the registry's policy" in console.err
    Path("r.yml").write_text("policy: {pull: ['9']}\n")
    assert console.run(*ask, "--planned-registry", "r.yml") == 2
    assert "r.yml, line 1: pull: '9' is not a principal" in console.err


def test_all_mistakes_at_once(console: Console) -> None:
    Path("wrong.json").write_text('{"Statement": {"Effect": "Allow", "Action": "ecr:*", "Principal": "*"}}')
    Path("text.json").write_text("x")
    files = ("--identity", "wrong.json", "--boundary", "text.json", "--scp", "none.json")
    assert console.run(*ASK, "arn:aws:iam::1:role/a", "puhs", "team/shop", "--context", "x", *files) == 2
    for problem in (
        "- PRINCIPAL: 'arn:aws:iam::1:role/a' is not a principal",
        "- --context: 'x' is not KEY=VALUE",
        "- --identity wrong.json: Statement has a Principal, which a policy of an identity cannot have",
        "- --identity wrong.json: Statement needs one of Resource and NotResource",
        "- --boundary text.json: is not valid JSON",
        "- --scp: cannot read none.json: No such file or directory",
    ):
        assert problem in console.err, console.err
    assert console.run(*ASK, ROLE, "puhs", "team/shop") == 2
    assert (
        "- ACTION: 'puhs' is not pull, push, delete or an action of ECR; did you mean 'push'?" in console.err
    )


def _whole(statement: object) -> bytes:
    return json.dumps({"PolicyVersion": {"Document": {"Statement": statement}}}).encode()


_JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Effect", "Action", "Resource", "Condition", "x"]), inner, max_size=4
        )
    ),
    max_leaves=9,
)


@given(st.binary(max_size=99) | st.builds(_whole, _JSON))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_has_an_answer(console: Console, content: bytes) -> None:
    Path("identity.json").write_bytes(content)
    code = console.run(
        *ASK, f"arn:aws:iam::{ACCOUNT}:role/a", "pull", "team/shop", "--identity", "identity.json"
    )
    assert code == 10 or (code == 2 and "--identity identity.json: " in console.err), (code, console.err)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((ROLE, "pull"), "REPOSITORY: is needed"),
        ((ROLE, "pull", "team/shop", "-r", "team/web"), "REPOSITORY: is given by --repository, too"),
        ((ROLE, "pull", "public.ecr.aws/a/b"), "REPOSITORY: is one of ECR Public, from which everyone pulls"),
        ((ROLE, "pull", "Team"), "'Team' is not a valid repository name"),
    ],
)
def test_which_repository(console: Console, arguments: tuple[str, ...], says: str) -> None:
    region = () if "public" in arguments[-1] else ASK[2:]
    assert console.run(*ASK[:2], *region, *arguments) == 2
    assert says in console.err
