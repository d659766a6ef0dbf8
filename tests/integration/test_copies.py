"""`ecr-push copy` and `mirror`, over HTTP: what they leave is read by crane and oras."""

from __future__ import annotations

import base64
import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support.command_line import CommandLine, Ended
from tests.support.other_registry import OtherRegistry
from tests.support.registry import REPOSITORY, Registry, client_of
from tests.support.sandbox import content
from tests.support.sandbox.rootfs import deb, layer

BASE, OWN = os.urandom(700_000), os.urandom(100_000)
AMD, ARM = content.image(BASE), content.image(OWN)
ROOT = content.index(AMD, ARM)
TO = ("--to", "profile=b")


def subject(image: bytes, kind: str = content.OCI_MANIFEST) -> dict[str, object]:
    return content.descriptor(image, kind)


SIGNATURE = content.image(b"signature", subject=subject(ROOT, content.OCI_INDEX), artifactType="text/sig")
SBOM = content.image(b"sbom", subject=subject(AMD), artifactType="text/sbom")
TIMESTAMP = content.image(b"timestamp", subject=subject(SIGNATURE), artifactType="text/time")
EVERYTHING = (AMD, ARM, ROOT, SIGNATURE, SBOM, TIMESTAMP)
COSIGN = f"sha256-{content.digest_of(ROOT)[7:]}.sig"


def fill(registry: Registry) -> None:
    """An index with all that may be attached to it, an older image, and a candidate."""
    registry.create()
    state = registry.sandbox.state
    content.add_blobs(state, REPOSITORY, BASE, OWN, b"signature", b"sbom", b"timestamp", b"cosign")
    for one in EVERYTHING:
        state.images.put("private", REPOSITORY, one)
    state.images.put("private", REPOSITORY, ROOT, tag="1.1.0")
    state.images.put("private", REPOSITORY, ROOT, tag="latest")
    state.images.put("private", REPOSITORY, ARM, tag="1.0.0")
    state.images.put("private", REPOSITORY, AMD, tag="candidate-1")
    state.images.put("private", REPOSITORY, content.image(b"cosign"), tag=COSIGN)


@pytest.fixture
def registries(
    tmp_path: Path, client_path: str, request: pytest.FixtureRequest
) -> Iterator[tuple[Registry, Registry]]:
    """Those of two accounts; the first one is the source. The parameter names their regions."""
    regions = getattr(request, "param", ("us-east-1", "us-east-1"))
    with ExitStack() as opened:
        made = []
        for number, region in enumerate(regions):
            options = SandboxOptions(scan_delay=0.0, account=str(number) * 12, region=region)
            sandbox = opened.enter_context(Sandbox(options))
            made.append(Registry(sandbox, client_of(sandbox, tmp_path / f"clients-{number}", client_path)))
        fill(made[0])
        yield made[0], made[1]


@pytest.fixture
def cli(registries: tuple[Registry, Registry], tmp_path: Path) -> CommandLine:
    """The command line with a profile of each account: `default` and `b`."""
    profiles = []
    for name, registry in zip(("default", "profile b"), registries, strict=True):
        keys = registry.sandbox.environment
        profiles += [
            f"[{name}]",
            f"endpoint_url = {registry.sandbox.url}",
            f"region = {keys['AWS_REGION']}",
            f"aws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}",
            f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}",
        ]
    made = CommandLine.at(tmp_path, {"AWS_EC2_METADATA_DISABLED": "true"})
    (tmp_path / "aws").write_text("\n".join(profiles))
    made.environ |= dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), str(tmp_path / "aws"))
    return made


def copied(ended: Ended) -> dict[str, object]:
    [one] = json.loads(ended.stdout)["copies"]
    found: dict[str, object] = one
    return found


def attached(registry: Registry, image: str) -> str:
    """As oras shows it, with what is attached to what is attached."""
    return registry.client.ask("oras", "discover", "--plain-http", image)


def holds_everything(registry: Registry, name: str = REPOSITORY) -> bool:
    uri = f"{registry.sandbox.host}/{name}"
    for one in EVERYTHING:
        digest = content.digest_of(one)
        assert registry.client.ask("crane", "digest", f"{uri}@{digest}") == digest
    blob = f"crane blob {uri}@{content.digest_of(BASE)} | sha256sum"
    assert registry.client.ask("sh", "-c", blob).split()[0] == content.digest_of(BASE)[7:]
    shown = attached(registry, f"{uri}:1.1.0")
    return content.digest_of(SIGNATURE) in shown and content.digest_of(TIMESTAMP) in shown


def test_all_tags_to_another_account_and_again(
    cli: CommandLine, registries: tuple[Registry, Registry]
) -> None:
    source, to = registries
    argv = ("copy", REPOSITORY, "--all-tags", *TO, "--create-repository", "--output", "json")
    done = cli.command(*argv)
    assert done.code == 0, done.stderr
    assert to.tags() == {
        "1.0.0": content.digest_of(ARM),
        "1.1.0": content.digest_of(ROOT),
        "latest": content.digest_of(ROOT),
        COSIGN: content.digest_of(content.image(b"cosign")),
    }
    assert holds_everything(to)
    assert to.asked("BatchCheckLayerAvailability") == 1
    writes = ("PutImage", "StartUpload", "PutUpload", "CreateRepository")
    for one in registries:
        one.sandbox.faults.forget()
    again = copied(cli.command(*argv))
    assert {one["result"] for one in again["tags"]} == {"already"}  # type: ignore[attr-defined]
    assert [to.asked(one) for one in writes] == [0, 0, 0, 0]
    assert source.asked("GetBlob") == 0


@pytest.mark.parametrize("registries", [("us-gov-west-1", "cn-north-1")], indirect=True)
def test_to_another_partition_with_a_profile_of_it_alone(
    cli: CommandLine, registries: tuple[Registry, Registry]
) -> None:
    source, to = registries
    copy = ("copy", REPOSITORY, "--all-tags", "--create-repository", "--to")
    partition = "cn-north-1 is in the partition aws-cn: credentials of aws-us-gov do not work there"
    without = cli.command(*copy, "region=cn-north-1", AWS_REGION="us-gov-west-1")
    assert without.code == 4 and partition in without.stderr, without.stderr
    role = "arn:aws-us-gov:iam::111111111111:role/push"
    wrong = cli.command(*copy, f"region=cn-north-1,role={role}")
    assert wrong.code == 2 and "no role of aws-us-gov works there" in wrong.stderr, wrong.stderr
    assert not to.asked("DescribeRepositories")

    done = cli.command(*copy, "region=cn-north-1,profile=b", AWS_REGION="us-gov-west-1")
    assert done.code == 0, done.stderr
    assert holds_everything(to)
    [made] = to.api().describe_repositories()["repositories"]
    assert made["repositoryArn"] == f"arn:aws-cn:ecr:cn-north-1:111111111111:repository/{REPOSITORY}"
    assert to.asked("StartUpload") and source.asked("GetBlob")


@pytest.mark.parametrize(
    "held",
    [
        "{plane: v2, operation: PutUpload, hold: before}",
        "{operation: PutImage, hold: after}",
        "{operation: PutImage, skip: 4, hold: before}",
    ],
)
def test_a_copy_that_is_interrupted_is_completed_by_the_same_command(
    cli: CommandLine, registries: tuple[Registry, Registry], held: str
) -> None:
    _, to = registries
    to.create()
    to.play(f"faults: [{held}]")
    argv = ("copy", f"{REPOSITORY}:1.1.0", *TO)
    stopped = cli.start(*argv)
    stopped.until(lambda: any(any(one.values()) for one in to.sandbox.faults.held().values()), "it is held")
    stopped.signal(signal.SIGTERM)
    assert stopped.end().code == 143
    to.play("{}")
    assert to.tags() == {}, "a tag comes after everything that belongs to its image"
    again = cli.command(*argv)
    assert again.code == 0, again.stderr
    assert holds_everything(to)


def test_what_a_network_and_quotas_do_to_it(cli: CommandLine, registries: tuple[Registry, Registry]) -> None:
    source, to = registries
    to.create()
    to.play(
        "faults: ["
        "{plane: v2, operation: StartUpload, status: 429, retry-after: 1, times: 2},"
        "{plane: v2, operation: PutUpload, drop: during, times: 2},"
        "{plane: v2, operation: PutUpload, status: 500, skip: 3},"
        "{operation: PutImage, error: ThrottlingException, times: 3},"
        "{operation: PutImage, status: 500, skip: 5}]"
    )
    source.play("faults: [{plane: v2, operation: GetBlob, drop: during, times: 2}]")
    done = cli.command("copy", f"{REPOSITORY}:1.1.0", *TO)
    assert done.code == 0, done.stderr
    assert holds_everything(to)


def test_a_refusal_is_an_error_of_that_destination_alone(
    cli: CommandLine, registries: tuple[Registry, Registry]
) -> None:
    own, to = registries
    to.create()
    own.create("team/copy")
    to.play("faults: [{plane: v2, operation: StartUpload, status: 403, times: always}]")
    done = cli.command("copy", f"{REPOSITORY}:1.1.0", *TO, "--to", "team/copy")
    assert done.code == 4
    assert "allow what a push needs in this repository" in done.stderr
    assert to.tags() == {} and holds_everything(own, "team/copy")
    assert own.asked("PutUpload") == 0, "within a registry layers are mounted"


def test_versions_stay_and_nothing_is_sent(cli: CommandLine, registries: tuple[Registry, Registry]) -> None:
    _, to = registries
    to.api().create_repository(repositoryName=REPOSITORY, imageTagMutability="IMMUTABLE")
    assert cli.command("copy", f"{REPOSITORY}:1.0.0", *TO, "--as", "1.1.0", "--as", "stable").code == 0
    to.sandbox.faults.forget()
    done = cli.command("copy", f"{REPOSITORY}:1.1.0", *TO, "--as", "1.1.0", "--as", "stable")
    assert done.code == 2
    assert f"taken by another image: 1.1.0 ({content.digest_of(ARM)[:19]})" in done.stderr
    assert "the repository does not let these tags move: stable" in done.stderr
    assert not to.asked("PutImage") and not to.asked("StartUpload")
    candidate = cli.command("copy", f"{REPOSITORY}:candidate-1", *TO, "--as", "2.0.0")
    assert candidate.code == 2 and "is a candidate, which no policy has accepted yet" in candidate.stderr


@pytest.mark.parametrize("quirks", ["", "quirks: [no-referrers]"])
def test_to_ecr_public_and_from_there(
    cli: CommandLine, registries: tuple[Registry, Registry], quirks: str
) -> None:
    own, to = registries
    public = f"{own.sandbox.public_host}/{own.sandbox.state.alias}/app"
    argv = ("copy", f"{REPOSITORY}:1.1.0", "--to", f"public.ecr.aws/{own.sandbox.state.alias}/app")
    own.play(quirks or "{}")
    done = cli.command(*argv, "--create-repository")
    assert done.code == 0, done.stderr
    names = own.client.ask("crane", "ls", public).split()
    assert any(one.startswith("sha256-") and "." not in one for one in names) is bool(quirks)
    assert own.client.ask("crane", "digest", f"{public}:1.1.0") == content.digest_of(ROOT)
    for image, about in ((ROOT, SIGNATURE), (AMD, SBOM), (SIGNATURE, TIMESTAMP)):
        # oras asks for the tag after a 404, and ends at a 405.
        tag = content.digest_of(image).replace(":", "-")
        found = (
            own.client.ask("crane", "manifest", f"{public}:{tag}")
            if quirks
            else attached(own, f"{public}@{content.digest_of(image)}")
        )
        assert content.digest_of(about) in found
    login = Path(own.client.environ["DOCKER_CONFIG"])
    back = cli.command(
        *("copy", f"{public}:1.1.0", "--to", f"repository={REPOSITORY},profile=b", "--create-repository"),
        DOCKER_CONFIG=str(login),
    )
    assert back.code == 0, back.stderr
    assert holds_everything(to)


def test_the_verdict_comes_before_the_tags(cli: CommandLine, registries: tuple[Registry, Registry]) -> None:
    own, to = registries
    state = own.sandbox.state
    os_release = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'
    files = {
        "etc/os-release": os_release,
        "var/lib/dpkg/status": deb("openssh-server", "1:9.2p1-2+deb12u1", source="openssh"),
    }
    blob = layer(files)
    config = b'{"architecture": "amd64", "os": "linux"}'
    image = content.image(blob, config=content.descriptor(config, content.CONFIG_TYPE))
    content.add_blobs(state, REPOSITORY, blob, config)
    state.images.put("private", REPOSITORY, image, tag="3.0.0")
    argv = ("copy", f"{REPOSITORY}:3.0.0", *TO, "--create-repository", "--judge", "--fail-on")
    refused = cli.command(*argv, "low")
    assert refused.code == 10, refused.stderr + refused.stdout
    assert "3.0.0" in refused.stdout and "refused: the policy refuses the image" in refused.stdout
    assert to.tags() == {}
    digest = content.digest_of(image)
    uri = f"{to.sandbox.host}/{REPOSITORY}@{digest}"
    assert to.client.ask("crane", "digest", uri) == digest, "it was judged there"
    accepted = cli.command(*argv, "none")
    assert accepted.code == 0, accepted.stderr
    assert to.tags() == {"3.0.0": digest}


# ------------------------------------------------------------------------- from other registries


def other(**more: object) -> OtherRegistry:
    made = OtherRegistry(**more)  # type: ignore[arg-type]
    entries = [
        content.descriptor(one, content.OCI_MANIFEST, platform={"os": "linux", "architecture": name})
        for one, name in ((AMD, "amd64"), (ARM, "arm64"))
    ]
    index = {"schemaVersion": 2, "mediaType": content.OCI_INDEX, "manifests": entries}
    made.add(AMD, "", BASE, content.CONFIG)
    made.add(ARM, "3.19", OWN)
    for tag in ("3.20", "latest", "3.20.1"):
        made.add(json.dumps(index).encode(), tag)
    about = content.image(b"sbom", subject=subject(AMD))
    fallback = made.add(about, "", b"sbom")
    listed = content.index(made.manifests[fallback])
    made.add(listed, f"sha256-{content.digest_of(AMD)[7:]}")
    return made


def test_a_base_image_by_tokens_that_end_and_a_limit_that_passes(
    cli: CommandLine, registries: tuple[Registry, Registry]
) -> None:
    _, to = registries
    with other(tokens=12, refused=2).served() as source:
        argv = ("copy", f"{source.host}/{source.repository}", "--tags", "3.*", "--to")
        done = cli.command(*argv, "repository=base/tool,profile=b", "--create-repository")
        assert done.code == 0, done.stderr
        root = source.tags["3.20"]
        names = to.tags("base/tool")
        assert names == {"3.19": content.digest_of(ARM), "3.20": root, "3.20.1": root}
        about = attached(to, f"{to.sandbox.host}/base/tool@{content.digest_of(AMD)}")
        assert "sha256:" in about.splitlines()[-1], "by the tag that stands for a list of referrers"
        assert source.asked["token"] > 1
        source.asked.clear()
        assert cli.command(*argv, "repository=base/tool,profile=b").code == 0
        # The list of referrers alone, which has a tag of its own there.
        assert (source.asked["GET manifests"], source.asked["GET blobs"]) == (1, 0), "pulls that count"


def test_a_private_one_by_the_login_of_docker_and_without_digests_in_its_answers(
    cli: CommandLine, registries: tuple[Registry, Registry], tmp_path: Path
) -> None:
    _, to = registries
    with other(password="secret-of-me", with_digests=False).served() as source:
        image = f"{source.host}/{source.repository}:latest"
        argv = ("copy", image, "--to", "repository=base/tool,profile=b", "--create-repository")
        refused = cli.command(*argv)
        assert refused.code == 4 and f"docker login {source.host}" in refused.stderr
        auth = base64.b64encode(b"me:secret-of-me").decode()
        helper = tmp_path / "bin" / "docker-credential-test"
        helper.parent.mkdir()
        helper.write_text('#!/bin/sh\necho \'{"Username": "me", "Secret": "secret-of-me"}\'\n')
        helper.chmod(0o700)
        for number, config in enumerate(({"auths": {source.host: {"auth": auth}}}, {"credsStore": "test"})):
            folder = tmp_path / f"docker-{number}"
            folder.mkdir()
            (folder / "config.json").write_text(json.dumps(config))
            path = f"{helper.parent}:{cli.environ['PATH']}"
            done = cli.command(*argv, "--platform", "linux/arm64", DOCKER_CONFIG=str(folder), PATH=path)
            assert done.code == 0, done.stderr
            assert "secret-of-me" not in done.stderr + done.stdout
    assert to.tags("base/tool") == {"latest": content.digest_of(ARM)}


def test_a_list_of_which_one_image_fails(
    cli: CommandLine, registries: tuple[Registry, Registry], tmp_path: Path
) -> None:
    _, to = registries
    with other().served() as source:
        (tmp_path / "ecr-mirror.yml").write_text(
            f"to: profile=b\nimages:\n"
            f"  - {{from: {source.host}/{source.repository}, tags: ['3.2*'], repository: base/tool}}\n"
            f"  - {{from: {source.host}/{source.repository}:gone, repository: base/gone}}\n"
            f"  - {{from: {REPOSITORY}, tags: [latest], repository: base/app}}\n"
        )
        done = cli.command("mirror", tmp_path / "ecr-mirror.yml", "--create-repository")
        assert done.code == 4
        assert f"line 4: {source.host}/{source.repository}:gone" in done.stderr
        assert to.tags("base/tool").keys() == {"3.20", "3.20.1"}
        assert to.tags("base/app")["latest"] == content.digest_of(ROOT)
        # The source's tag moves, and the mirror follows it.
        source.tags["3.20.1"] = content.digest_of(ARM)
        again = cli.command("mirror", tmp_path / "ecr-mirror.yml")
        assert f"3.20.1  {content.digest_of(ARM)}  moved" in again.stdout
    assert to.tags("base/tool")["3.20.1"] == content.digest_of(ARM)
