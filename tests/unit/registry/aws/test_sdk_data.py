"""The SDK's data is read as botocore's own loader reads it, and little more than is used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError

from ecr_push.registry.aws import sdk_data
from ecr_push.registry.aws.sdk_data import SdkData, new_session

SERVICES = ("ecr", "ecr-public", "inspector2", "sqs", "dynamodb", "s3", "sts", "sso", "sso-oidc")


@pytest.mark.parametrize("service", SERVICES)
def test_the_models_are_those_that_botocore_reads(service: str) -> None:
    ours, theirs = (
        one.get_component("data_loader") for one in (new_session(), botocore.session.get_session())
    )
    for kind in ("service-2", "endpoint-rule-set-1"):
        assert ours.load_service_model(service, kind) == theirs.load_service_model(service, kind)
    assert list(ours.load_service_model(service, "service-2")["shapes"]) == list(
        theirs.load_service_model(service, "service-2")["shapes"]
    )


def test_two_clients_read_one_model_once_and_look_into_no_other_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []
    looked: list[str] = []
    load_file, iterdir = sdk_data._JsonFiles.load_file, Path.iterdir

    def load(self: Any, file_path: str) -> Any:
        found = load_file(self, file_path)
        read.extend([file_path.rpartition("/data/")[2]] if found is not None else [])
        return found

    def look(self: Path) -> Iterator[Path]:
        looked.append(self.name)
        return iterdir(self)

    monkeypatch.setattr(sdk_data._JsonFiles, "load_file", load)
    monkeypatch.setattr(Path, "iterdir", look)
    session = new_session(region="eu-west-1")
    session.set_credentials("key", "dummy")
    for _ in range(2):
        session.create_client("ecr")
    assert sorted(read) == [
        "ecr/2015-09-21/endpoint-rule-set-1",
        "ecr/2015-09-21/service-2",
        "endpoints",
        "partitions",
        "sdk-default-configuration",
    ]
    assert set(looked) <= {"data", "models"}


def test_the_users_models_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = tmp_path / "ecr" / "2030-01-01" / "service-2.json"
    model.parent.mkdir(parents=True)
    model.write_text(json.dumps({"metadata": {"serviceId": "mine"}}))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    loader = new_session().get_component("data_loader")
    assert loader.load_service_model("ecr", "service-2") == {"metadata": {"serviceId": "mine"}}


def test_what_is_not_there_is_an_error_of_botocores() -> None:
    loader = new_session().get_component("data_loader")
    with pytest.raises(UnknownServiceError):
        loader.load_service_model("no-such-service", "service-2")
    with pytest.raises(DataNotFoundError):
        loader.load_service_model("ecr", "no-such-kind")


def test_the_data_may_lie_where_no_folder_can_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "/archive.zip/data/services.json": {"ecr": ["2015-09-21"]},
        "/archive.zip/data/ecr/2015-09-21/service-2.json": {"metadata": {}},
    }

    def packaged(path: str) -> bytes:
        if path not in files:
            raise DataNotFoundError(data_path=path)
        return json.dumps(files[path]).encode()

    monkeypatch.setattr(sdk_data, "_packaged", packaged)
    monkeypatch.setattr(SdkData, "BUILTIN_DATA_PATH", "/archive.zip/data")
    monkeypatch.setattr(SdkData, "CUSTOMER_DATA_PATH", "/nonexistent")
    loader = SdkData([])
    assert loader.list_available_services("service-2") == ["ecr"]
    assert loader.load_service_model("ecr", "service-2") == {"metadata": {}}
    with pytest.raises(DataNotFoundError):
        loader.load_data("endpoints")
