"""A policy as text: JSON, Terraform, or a CloudFormation template. Pure.

What is unknown when it is written is an expression in Terraform and CloudFormation, and a word to replace in
JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from ecr_push.base.iam.allow_statement import AllowStatement, policy_of
from ecr_push.base.iam.arn import ACCOUNT, PARTITION, REGION

Format = Literal["json", "terraform", "cloudformation"]
# In JSON, what is to be replaced.
WORDS = {PARTITION: "aws", REGION: "REGION", ACCOUNT: "ACCOUNT_ID"}
_TERRAFORM = {
    PARTITION: "${data.aws_partition.current.partition}",
    REGION: "${data.aws_region.current.region}",
    ACCOUNT: "${data.aws_caller_identity.current.account_id}",
}
_SOURCES = {PARTITION: "aws_partition", REGION: "aws_region", ACCOUNT: "aws_caller_identity"}
_CLOUDFORMATION = {PARTITION: "${AWS::Partition}", REGION: "${AWS::Region}", ACCOUNT: "${AWS::AccountId}"}


def write(statements: Sequence[AllowStatement], of: Format, name: str, *, is_trust: bool = False) -> str:
    """The policy as a text that ends with a line break. name: of the resource, such as `ecr-push-run`.

    is_trust: it is the trust policy of a role, which Terraform and CloudFormation create with it.
    """
    if of == "terraform":
        return "\n".join(_terraform(statements, name, is_trust))
    if of == "cloudformation":
        return "\n".join((*_cloudformation(statements, name, is_trust), ""))
    text = json.dumps(policy_of(statements), indent=2)
    return f"{_replaced(text, WORDS)}\n"


def left_open(statements: Sequence[AllowStatement]) -> tuple[str, ...]:
    """The words in JSON that the user has to replace."""
    text = json.dumps(policy_of(statements))
    return tuple(word for mark, word in WORDS.items() if mark in text and mark != PARTITION)


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text


def _terraform(statements: Sequence[AllowStatement], name: str, is_trust: bool) -> Iterator[str]:
    label = name.replace("-", "_")
    text = json.dumps(policy_of(statements))
    for mark, source in _SOURCES.items():
        if mark in text:
            yield f'data "{source}" "current" {{}}\n'
    yield f'data "aws_iam_policy_document" "{label}" {{'
    for place, statement in enumerate(statements):
        yield from ([""] if place else [])
        yield from (f"  {line}" if line else "" for line in _hcl_statement(statement))
    yield "}\n"
    if is_trust:
        yield f'resource "aws_iam_role" "{label}" {{'
        yield f"  name               = {_hcl(name)}"
        yield f"  assume_role_policy = data.aws_iam_policy_document.{label}.json"
    else:
        yield f'resource "aws_iam_policy" "{label}" {{'
        yield f"  name   = {_hcl(name)}"
        yield f"  policy = data.aws_iam_policy_document.{label}.json"
    yield "}\n"


def _hcl_statement(statement: AllowStatement) -> Iterator[str]:
    yield "statement {"
    yield f"  sid     = {_hcl(statement.sid)}"
    yield f"  actions = {_hcl_list(statement.actions)}"
    if statement.resources:
        yield ""
        yield f"  resources = {_hcl_list(statement.resources)}"
    for kind, who in statement.principal.items():
        yield from ("", "  principals {", f"    type        = {_hcl(kind)}")
        yield from (f"    identifiers = {_hcl_list((who,))}", "  }")
    for operator, keys in statement.conditions.items():
        for key, values in keys.items():
            texts = (values,) if isinstance(values, str) else tuple(values)
            yield from ("", "  condition {", f"    test     = {_hcl(operator)}")
            yield from (f"    variable = {_hcl(key)}", f"    values   = {_hcl_list(texts, 4)}", "  }")
    yield "}"


def _hcl(text: str) -> str:
    """A quoted text; `${` and `%{` would begin a template, unless it is one of ours.

    https://developer.hashicorp.com/terraform/language/expressions/strings
    """
    quoted = json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return _replaced(quoted, _TERRAFORM)


def _hcl_list(texts: Sequence[str], indent: int = 2) -> str:
    """indent: of the line that it begins on, within the statement."""
    if len(texts) == 1:
        return f"[{_hcl(texts[0])}]"
    margin = " " * (2 + indent)
    return "[\n" + "".join(f"{margin}  {_hcl(one)},\n" for one in texts) + f"{margin}]"


def _cloudformation(statements: Sequence[AllowStatement], name: str, is_trust: bool) -> Iterator[str]:
    yield "AWSTemplateFormatVersion: '2010-09-09'"
    yield "Resources:"
    yield f"  {''.join(part.capitalize() for part in name.split('-'))}:"
    if is_trust:
        yield "    Type: AWS::IAM::Role"
        yield "    Properties:"
        yield f"      RoleName: {name}"
        yield "      AssumeRolePolicyDocument:"
    else:
        yield "    Type: AWS::IAM::ManagedPolicy"
        yield "    Properties:"
        yield f"      ManagedPolicyName: {name}"
        yield "      PolicyDocument:"
    yield from (f"        {line}" for line in _yaml(policy_of(statements)))


def _yaml(value: Any) -> Iterator[str]:
    """The lines of a block in YAML, of objects, lists and texts."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _yaml_entry(f"{_key(key)}:", inner)
    else:
        for inner in value:
            yield from _yaml_item(inner)


def _yaml_entry(begin: str, value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield f"{begin} {_scalar(value)}"
        return
    yield begin
    yield from (f"  {line}" for line in _yaml(value))


def _yaml_item(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield f"- {_scalar(value)}"
        return
    for place, line in enumerate(_yaml(value)):
        yield f"{'  ' if place else '- '}{line}"


def _key(text: str) -> str:
    return text if text.isalnum() else _quoted(_replaced(text, _CLOUDFORMATION))


def _scalar(text: str) -> str:
    if text.isidentifier():
        return text
    if any(mark in text for mark in _CLOUDFORMATION):
        # In !Sub a `${` that is not ours is written `${!`.
        return f"!Sub {_quoted(_replaced(text.replace('${', '${!'), _CLOUDFORMATION))}"
    return _quoted(text)


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
