"""botocore's data, cut: what is called stays whole, and nothing else stays."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from bundle.models import cut, cut_endpoints, cut_service, index, words_of

MODEL: dict[str, Any] = {
    "version": "2.0",
    "metadata": {"endpointPrefix": "api.ecr", "apiVersion": "2015-09-21"},
    "documentation": "<p>All about it</p>",
    "clientContextParams": {"Accelerate": {"type": "boolean", "documentation": "botocore asks for it"}},
    "operations": {
        "PutImage": {
            "name": "PutImage",
            "input": {"shape": "PutImageRequest", "documentation": "what to put"},
            "output": {"shape": "PutImageResponse"},
            "errors": [{"shape": "ServerException", "documentation": "it failed"}],
            "documentation": "<p>Puts</p>",
        },
        "GetImage": {"name": "GetImage", "input": {"shape": "GetImageRequest"}},
    },
    "shapes": {
        "PutImageRequest": {
            "type": "structure",
            "required": ["tags"],
            "members": {
                "tags": {"shape": "TagList", "documentation": "its tags"},
                "documentation": {"shape": "Text"},
            },
            "documentation": "a request",
        },
        "TagList": {"type": "list", "member": {"shape": "Tag", "documentation": "one"}},
        "Tag": {"type": "structure", "members": {"parent": {"shape": "Tag"}}},
        "Text": {"type": "string", "enum": ["documentation"]},
        "PutImageResponse": {"type": "structure", "members": {}},
        "ServerException": {"type": "structure", "members": {}, "exception": True},
        "GetImageRequest": {"type": "structure", "members": {"only": {"shape": "OnlyThere"}}},
        "OnlyThere": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
    },
}


def test_a_service_keeps_what_its_operations_reach_and_no_documentation() -> None:
    made = cut_service(MODEL, {"putimage"})
    assert list(made["operations"]) == ["PutImage"]
    assert list(made["shapes"]) == [
        *("PutImageRequest", "TagList", "Tag", "Text", "PutImageResponse", "ServerException"),
    ]
    # A member of that name is none.
    assert made["shapes"]["PutImageRequest"] == {
        "type": "structure",
        "required": ["tags"],
        "members": {"tags": {"shape": "TagList"}, "documentation": {"shape": "Text"}},
    }
    assert made["operations"]["PutImage"]["errors"] == [{"shape": "ServerException"}]
    for name in ("metadata", "clientContextParams"):
        assert made[name] == MODEL[name]
    assert not any(isinstance(text, str) and "<p>" in text for text in made.values())


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (b'call("put_image", x=1)', {"putimage"}),
        (b"client.list_objects_v2()", {"listobjectsv2"}),
        (b"self.client.create_o_auth2_token", {"createoauth2token"}),
        (b"PutImage put", set()),
    ],
)
def test_words_are_the_python_names_of_operations(source: bytes, found: set[str]) -> None:
    assert words_of(iter([source])) == found


def test_endpoints_of_other_services_are_left_out_in_every_partition() -> None:
    services = {"api.ecr": {"endpoints": {"x": {}}}, "ec2": {"endpoints": {"x": {}}}}
    partitions = [
        {"partition": name, "regions": {"x": {}}, "services": services} for name in ("aws", "aws-cn")
    ]
    made = cut_endpoints({"version": 3, "partitions": partitions}, {"api.ecr"})
    assert made["version"] == 3
    assert [one["partition"] for one in made["partitions"]] == ["aws", "aws-cn"]
    for one in made["partitions"]:
        assert one["services"] == {"api.ecr": services["api.ecr"]}
        assert one["regions"] == {"x": {}}


def test_data_keeps_the_latest_version_of_each_service_that_is_called() -> None:
    model = json.dumps(MODEL).encode()
    rules = gzip.compress(b'{"rules": []}')
    files = {
        "botocore/data/endpoints.json": b'{"partitions": []}',
        "botocore/data/_retry.json": b"{}",
        "botocore/data/ecr/2015-09-21/service-2.json.gz": gzip.compress(model),
        "botocore/data/ecr/2015-09-21/endpoint-rule-set-1.json.gz": rules,
        "botocore/data/ecr/2015-09-21/examples-1.json": b"{}",
        "botocore/data/ecr/2010-01-01/service-2.json": model,
        "botocore/data/ecr/2010-01-01/endpoint-rule-set-1.json.gz": rules,
        "botocore/data/ec2/2016-11-15/service-2.json": model,
        "botocore/session.py": b"",
    }
    made = cut(files, {"putimage"})
    assert set(made) == {
        "botocore/data/endpoints.json",
        "botocore/data/_retry.json",
        "botocore/data/ecr/2015-09-21/service-2.json",
        "botocore/data/ecr/2015-09-21/endpoint-rule-set-1.json",
    }
    assert json.loads(made["botocore/data/ecr/2015-09-21/endpoint-rule-set-1.json"]) == {"rules": []}
    assert index(made) == ("botocore/data/services.json", b'{"ecr":["2015-09-21"]}')
