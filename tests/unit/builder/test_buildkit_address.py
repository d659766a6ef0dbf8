from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecr_push.builder.buildkit_address import Address, address_of
from ecr_push.builder.docker_environ import addresses, driver, for_docker
from ecr_push.builder.remote_buildkit import create_command
from tests.support.settings import problems_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://buildkit:1234", Address("tcp://buildkit:1234")),
        ("tcp://[::1]:1234", Address("tcp://[::1]:1234")),
        ("unix:///run/buildkit/buildkitd.sock", Address("unix:///run/buildkit/buildkitd.sock")),
        ("kube-pod://buildkit-0?namespace=ci", Address("kube-pod://buildkit-0?namespace=ci")),
        ("docker-container://buildkit", Address("docker-container://buildkit")),
        ("ssh://builder@far", Address("ssh://builder@far")),
        ("tcp://h:1,cacert=ca.pem", Address("tcp://h:1", (("cacert", "ca.pem"),))),
        (
            'tcp://h:1,cacert=a,"cert=b,c",key=k,servername=n',
            Address("tcp://h:1", (("cacert", "a"), ("cert", "b,c"), ("key", "k"), ("servername", "n"))),
        ),
    ],
)
def test_an_address(text: str, address: Address) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("http://h:1", "http:// leads to no BuildKit"),
        ("kubepod://p", "did you mean 'kube-pod'"),
        ("tcp://h", "expected tcp://HOST:PORT"),
        ("tcp://h:port", "expected tcp://HOST:PORT"),
        ("tcp://:1", "expected tcp://HOST:PORT"),
        ("tcp://user:word@h:1", "expected tcp://HOST:PORT"),
        ("unix://run/b.sock", "expected unix:///PATH"),
        ("kube-pod://", "expected tcp://HOST:PORT, unix"),
        ("tcp://h:1,cacrt=a", "'cacrt' after tcp://h:1; did you mean 'cacert'?"),
        ("tcp://h:1,cacert", "each with =VALUE"),
        ("tcp://h:1,cert=a,key=b", "TLS needs cacert=FILE"),
        ("tcp://h:1,cacert=a,key=b", "cert=FILE and key=FILE belong together"),
        ("unix:///run/b.sock,cacert=a", "tcp:// alone has TLS"),
    ],
)
def test_a_mistake_is_found_with_the_settings(text: str, problem: str) -> None:
    found = problems_of("builder", text)
    assert problem in found


def test_buildx_makes_it_known_with_absolute_paths_of_certificates() -> None:
    address = address_of("tcp://h:1,cacert=certs/ca.pem,servername=n")
    assert create_command(address, ("docker", "buildx")) == (
        *("docker", "buildx", "create", "--name=ecr-push", "--driver=remote"),
        *(f"--driver-opt=cacert={Path.cwd()}/certs/ca.pem", "--driver-opt=servername=n", "tcp://h:1"),
    )


AWS = {"AWS_SESSION_TOKEN": "dummy"}


@pytest.mark.parametrize(
    ("builder", "kept"),
    [
        ("tcp://h:1", {}),
        ("docker-container://b", {}),
        ("kube-pod://b", AWS),  # kubectl asks `aws eks get-token`
        ("ssh://h", AWS),  # through AWS Systems Manager
    ],
)
@pytest.mark.parametrize("is_named", [False, True])
def test_the_credentials_of_aws_stay_where_they_open_the_way(
    builder: str, kept: dict[str, str], *, is_named: bool, tmp_path: Path
) -> None:
    name = builder
    if is_named:  # as `docker buildx create --driver remote` notes it
        name = "far"
        file = tmp_path / "buildx" / "instances" / name
        file.parent.mkdir(parents=True)
        node = {"Name": "far0", "Endpoint": builder, "DriverOpts": None}
        file.write_text(json.dumps({"Name": "far", "Driver": "remote", "Nodes": [node]}))
    assert driver(AWS, tmp_path, name) == "remote"
    assert addresses(AWS, tmp_path, name) == (Address(builder),)
    assert for_docker(AWS, tmp_path, name) == kept
