"""Repositories -> Terraform's language, with an `import` block for what exists. Pure.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository and the pages of
ecr_lifecycle_policy and ecr_repository_policy; https://developer.hashicorp.com/terraform/language/import
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from ecr_push.upkeep.compare import pretty_json
from ecr_push.upkeep.export.model import Exported, as_identifiers, words_of
from ecr_push.upkeep.model import Wanted


def as_terraform(repositories: Sequence[Exported]) -> str:
    """The content of a file `*.tf`. `import` blocks need Terraform 1.5, or OpenTofu."""
    names = as_identifiers((one.name for one in repositories), _identifier)
    blocks = ["\n".join(block) for one in repositories for block in _blocks(one, names[one.name])]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _identifier(name: str) -> str:
    joined = "_".join(words_of(name))
    return f"_{joined}" if joined[:1].isdigit() else joined


def _blocks(one: Exported, name: str) -> Iterator[Sequence[str]]:
    key = one.wanted.kms_key or ""
    if key and ":key/" not in key:  # the provider compares with the ARN that ECR answers
        key_of = _attributes({"key_id": _text(key)}, "  ")
        yield [f'data "aws_kms_key" "{name}" {{', *key_of, "}"]
        key = f"data.aws_kms_key.{name}.arn"
    elif key:
        key = _text(key)
    yield [f'resource "aws_ecr_repository" "{name}" {{', *_repository(one.name, one.wanted, key), "}"]
    if one.found:
        yield _import("aws_ecr_repository", name, one.name)
    kinds = (
        ("aws_ecr_lifecycle_policy", one.wanted.lifecycle, one.found.lifecycle if one.found else ""),
        ("aws_ecr_repository_policy", one.wanted.policy, one.found.policy if one.found else ""),
    )
    for kind, policy, there in kinds:
        if policy:
            yield [
                f'resource "{kind}" "{name}" {{',
                f"  repository = aws_ecr_repository.{name}.name",
                "",
                "  policy = <<-JSON",
                *(f"    {_without_templates(line)}" for line in pretty_json(policy)),
                "  JSON",
                "}",
            ]
            if there:
                yield _import(kind, name, one.name)


def _repository(name: str, wanted: Wanted, key: str) -> Iterator[str]:
    """key: of KMS, as an expression; "" for none."""
    attributes = {"name": _text(name)}
    if wanted.mutability:
        suffix = "_WITH_EXCLUSION" if wanted.exceptions else ""
        attributes["image_tag_mutability"] = _text(wanted.mutability + suffix)
    yield from _attributes(attributes, "  ")
    for pattern in wanted.exceptions or ():
        filter_of = {"filter": _text(pattern), "filter_type": _text("WILDCARD")}
        yield from _nested("image_tag_mutability_exclusion_filter", filter_of)
    if wanted.scan_on_push is not None:
        scanning = {"scan_on_push": "true" if wanted.scan_on_push else "false"}
        yield from _nested("image_scanning_configuration", scanning)
    if wanted.encryption:
        encryption = {"encryption_type": _text(wanted.encryption)}
        if key:
            encryption["kms_key"] = key
        yield from _nested("encryption_configuration", encryption)
    if wanted.tags:
        yield ""
        yield "  tags = {"
        yield from _attributes({_text(key): _text(value) for key, value in wanted.tags.items()}, "    ")
        yield "  }"


def _import(kind: str, name: str, repository: str) -> Sequence[str]:
    return ["import {", *_attributes({"to": f"{kind}.{name}", "id": _text(repository)}, "  "), "}"]


def _nested(name: str, attributes: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield f"  {name} {{"
    yield from _attributes(attributes, "    ")
    yield "  }"


def _attributes(attributes: Mapping[str, str], indent: str) -> Iterator[str]:
    """Aligned as `terraform fmt` does."""
    width = max(map(len, attributes))
    yield from (f"{indent}{name.ljust(width)} = {value}" for name, value in attributes.items())


def _text(value: str) -> str:
    """A quoted string: JSON's, but for two escapes that HCL lacks, and without templates."""
    quoted = json.dumps(value, ensure_ascii=False).replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    return _without_templates(quoted)


def _without_templates(text: str) -> str:
    """`${aws:username}` in a policy is for IAM, not for Terraform."""
    return text.replace("${", "$${").replace("%{", "%%{")
