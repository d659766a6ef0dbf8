"""`ecr-push verify`: a real cosign, and images that were released, forged, or come from elsewhere."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry
from tests.support.sigstore import IDENTITY, ISSUER, Sigstore, token

pytestmark = pytest.mark.usefixtures("engine")

SOURCE = "https://github.com/acme/app"
ALL = "signature,verdict,provenance"


@pytest.fixture
def sigstore(tmp_path: Path, client_path: str, cli: CommandLine) -> Iterator[Sigstore]:
    cli.environ.update(PATH=f"{cli.environ['PATH']}:{client_path}", SIGSTORE_ID_TOKEN=token())
    with Sigstore(tmp_path / "sigstore") as served:
        yield served


def checks(cli: CommandLine, *asked: str | Path, **environ: str) -> tuple[Ended, dict[str, str]]:
    """What is wrong with each requirement; "" for one that is met."""
    ended = cli.command("verify", *asked, "--output", "json", "--progress", "quiet", **environ)
    found = json.loads(ended.stdout)["verification"] if ended.code in (0, 12) else None
    return ended, {one["what"]: one["why"] or "" for one in found["checks"]} if found else {}


def test_what_a_deployer_asks_of_a_release(
    cli: CommandLine, project: GitRepository, registry: Registry, sigstore: Sigstore, tmp_path: Path
) -> None:
    registry.create()
    project.git("remote", "add", "origin", f"{SOURCE}.git")
    how = ("--sign", "keyless", "--sign-config", sigstore.config, "--sign-trusted-root", sigstore.root)
    of_a_run = ("--attest-verdict", "--provenance", "mode=max,builder-id=https://ci.example/runs/7")
    run = cli.run(project.root, "-r", REPOSITORY, *how, *of_a_run)
    assert run.code == 0, run.stderr
    pushes = registry.asked("PutImage")
    by = ("--sign-identity", IDENTITY, "--sign-issuer", ISSUER, "--sign-trusted-root", sigstore.root)
    whole = cli.command("verify", f"{REPOSITORY}:1.4.2", *by)
    assert (whole.code, whole.stdout) == (0, f"{run.image}\n"), whole.stderr
    for part in ("VERIFIED", f"by {IDENTITY}", "accepted by the policy sha256:", "version 1.4.2"):
        assert part in whole.stderr

    policy = cli.command("policy", "show").stdout.partition("# ")[2].partition(":")[0]
    policy = next(
        word.rstrip(":") for word in cli.command("policy", "show").stdout.split() if "sha256:" in word
    )
    expected = (
        *("--expect-source", f"{SOURCE}.git", "--expect-commit", project.head, "--max-age", "1h"),
        *("--expect-builder", "https://ci.example/runs/*", "--expect-policy", policy),
    )
    met, found = checks(cli, run.image, *by, "--require", ALL, *expected)
    assert (met.code, found) == (0, {"signature": "", "verdict": "", "provenance": ""}), met.stdout
    said = json.loads(met.stdout)["verification"]
    assert said["statement"]["commit"] == project.head and said["statement"]["signedBy"] == IDENTITY
    [built] = said["provenance"]
    assert (built["source"], built["commit"], built["platform"]) == (SOURCE, project.head, "linux/amd64")

    other = f"sha256:{'0' * 64}"
    wrong = (
        *(
            "--expect-source",
            "https://github.com/acme/other",
            "--expect-commit",
            "0" * 40,
            "--max-age",
            "0.001s",
        ),
        *("--expect-builder", "https://ci.example/other/*", "--expect-policy", other),
    )
    unmet, found = checks(cli, run.image, *by, "--require", ALL, *wrong)
    assert unmet.code == 12 and found["signature"] == ""
    for what, parts in {
        "verdict": ("--expect-policy does not name", "it is of commit", "longer than --max-age"),
        "provenance": ("built from https://github.com/acme/app, not", "built from commit", "built by https"),
    }.items():
        assert all(part in found[what] for part in parts), found

    # The job of another branch, and a pattern that the job matches.
    stranger, found = checks(cli, run.image, *by[2:], "--sign-identity", IDENTITY.replace("main", "other"))
    assert stranger.code == 12 and "none by" in found["signature"] and "no statement" in found["verdict"]
    pattern = ("--sign-identity", IDENTITY.replace("release.yml", "*"), *by[2:])
    assert checks(cli, run.image, *pattern)[0].code == 0
    # Before a file is changed, render asks the same.
    values = tmp_path / "values.yaml"
    values.write_text("image: old  # ours\n")
    write = ("render", run.image, values, "--key", "image", "--write", "--verify")
    refused = cli.command(*write, *by[2:], "--sign-identity", IDENTITY.replace("main", "other"))
    assert (refused.code, values.read_text()) == (12, "image: old  # ours\n"), refused.stderr
    assert "NOT-VERIFIED" in refused.stderr and "signature  NOT MET: none by" in refused.stderr
    assert cli.command(*write, *by).code == 0
    assert values.read_text() == f"image: {run.image}  # ours\n"
    child = run.document["image"]["platforms"][0]["digest"]
    part, found = checks(cli, f"{REPOSITORY}@{child}", *by)
    assert part.code == 12 and "verify the index" in found["signature"]
    assert registry.asked("PutImage") == pushes


def test_a_statement_that_is_not_signed_counts_only_where_that_is_said(
    cli: CommandLine, project: GitRepository, registry: Registry, sigstore: Sigstore, tmp_path: Path
) -> None:
    registry.create()
    run = cli.run(project.root, "-r", REPOSITORY, "--attest-verdict")
    assert run.code == 0, run.stderr
    unsaid = cli.command("verify", run.image)
    assert unsaid.code == 2
    assert "--require: whose signature the image must have is not known" in unsaid.stderr
    unsigned = cli.command("verify", run.image, "--require", "verdict")
    assert unsigned.code == 2 and "or give --allow-unsigned" in unsigned.stderr
    believed = cli.command("verify", run.image, "--require", "verdict", "--allow-unsigned")
    assert (believed.code, believed.stdout) == (0, f"{run.image}\n"), believed.stderr
    assert "the statement of the verdict is not signed" in believed.stderr
    by = ("--sign-identity", IDENTITY, "--sign-issuer", ISSUER, "--sign-trusted-root", sigstore.root)
    ended, found = checks(cli, run.image, *by)
    assert ended.code == 12
    assert "the registry lists no signature of it" in found["signature"]
    assert "no statement of a verdict by" in found["verdict"]
    # A statement about another image says nothing about this one, though it is attached here.
    project.commit("Second")
    second = cli.run(project.root, "-r", REPOSITORY)
    assert second.code == 0, second.stderr
    forged = tmp_path / "forged"
    forged.mkdir()
    registry.client.ask("oras", "pull", "--plain-http", "--output", str(forged), run.document["statement"])
    kind = "in-toto.io/predicate-type=https://github.com/ecr-push/ecr-push/verdict/v1"
    annotations = forged / "annotations.json"
    annotations.write_text(json.dumps({"verdict.json": dict([kind.split("=")])}))
    argv = ["oras", "attach", "--plain-http", "--artifact-type", "application/vnd.in-toto+json", second.image]
    argv += ["--annotation-file", str(annotations), "verdict.json:application/vnd.in-toto+json"]
    subprocess.run(argv, cwd=forged, env=dict(registry.client.environ), check=True, capture_output=True)
    ended, found = checks(cli, second.image, "--require", "verdict", "--allow-unsigned")
    assert (ended.code, found["verdict"]) == (12, "no statement of a verdict in the registry")


def test_what_gives_no_answer_is_an_error_and_no_verification(
    cli: CommandLine, registry: Registry, sigstore: Sigstore
) -> None:
    """Mistakes are found before the registry is asked."""
    registry.create()
    by = ("--sign-identity", IDENTITY, "--sign-issuer", ISSUER, "--sign-trusted-root", sigstore.root)
    none = cli.command("verify", f"{REPOSITORY}:1.4.2", *by, "--result", cli.folder / "r.json")
    assert none.code == 4 and "there is no image" in none.stderr
    document = json.loads((cli.folder / "r.json").read_text())
    assert (document["status"], document["verification"]) == ("failed", None)
    asked = registry.asked("DescribeRepositories")
    for flags, text in (
        (("--sign-key", cli.folder / "none.pub"), "none.pub: cannot be read: No such file"),
        (("--sign-key", sigstore.root), "is not a public key in PEM"),
        (("--sign-identity", IDENTITY), "--sign-issuer: is required"),
        ((*by, "--expect-source", SOURCE), "--expect-source: needs --require signature,verdict,provenance"),
    ):
        wrong = cli.command("verify", f"{REPOSITORY}:1.4.2", *flags)
        assert wrong.code == 2 and text in wrong.stderr, wrong.stderr
    assert registry.asked("DescribeRepositories") == asked
