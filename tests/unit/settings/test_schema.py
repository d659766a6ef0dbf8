from __future__ import annotations

from jsonschema import Draft202012Validator

from ecr_push.settings.declare import key, option_help, options
from ecr_push.settings.schema import json_schema

SCALAR = ["string", "number"]


def test_the_schema_knows_every_setting_of_the_file_and_no_other() -> None:
    schema = json_schema()
    known = {key(one) for one in options() if not option_help(one).by_caller}
    assert set(schema["properties"]) == known | {"images"}
    assert schema["additionalProperties"] is False


def test_the_schema_takes_every_form_that_the_file_may_have() -> None:
    properties = json_schema()["properties"]

    def forms(name: str) -> set[str]:
        found = (one["type"] for one in properties[name]["anyOf"])
        return {word for one in found for word in ([one] if isinstance(one, str) else one)} - {"number"}

    assert forms("tags") == forms("platform") == {"string", "array"}
    assert forms("label") == forms("build-arg") == {"string", "array", "object"}
    assert forms("max-findings") == {"string", "object"}


def test_a_value_of_the_schema_says_what_the_options_type_does() -> None:
    properties = json_schema()["properties"]
    for name, expected in {
        "region": {"default": "", "pattern": "^[a-z]{2,}(?:-[a-z0-9]+)+-\\d+$", "type": ["string", "number"]},
        "deepen": {"default": True, "type": "boolean"},
        "target": {"default": "", "type": "string"},
        "naming": {"default": "ecr-push", "enum": ["ecr-push", "metadata-action"], "type": "string"},
        "scan-timeout": {"default": 900.0, "pattern": r"^\d+(\.\d+)?(s|m|h|d)?$", "type": SCALAR},
        "fail-on": {"anyOf": [{"type": ["string", "number"]}, {"type": "null"}], "default": None},
        "unscannable": {
            "anyOf": [{"enum": ["refuse", "warn"], "type": "string"}, {"type": "null"}], "default": None,
        },
        "policy": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/policy"}]},
    }.items():  # fmt: skip
        assert {key: of for key, of in properties[name].items() if key != "description"} == expected


def test_an_image_takes_what_the_file_takes() -> None:
    image = {"context": "api", "needs": ["base"], "platform": ["linux/amd64"], "policy": {"fail-on": "low"}}
    valid = {"images": {"api": image, "base": {"needs": {"x": "ARG"}}}}
    check = Draft202012Validator(json_schema())
    assert check.is_valid(valid)
    for wrong in ({"API": image}, {"a": {"platfrom": "x"}}, {"a": {"profile": "x"}}, {"a": {"images": {}}}):
        assert not check.is_valid({"images": wrong}), wrong
