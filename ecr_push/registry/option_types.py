"""The texts that name a repository, an account, a region and a role, in options and destinations."""

from __future__ import annotations

import re
from typing import Annotated

from ecr_push.base.option import QUOTE_IT, Parsed, matching
from ecr_push.base.reference import check_repository_name, has_registry, parse_repository


def repository_text(text: str) -> str:
    if scheme := re.match("https?://", text):
        raise ValueError(f"{text!r}: leave out {scheme[0]}")
    if "@" in text or re.search(":[^/]*$", text):
        raise ValueError(
            f"{text!r}: give the repository without a tag; `run` names tags with --tag, and `copy` with --as"
        )
    if has_registry(text):
        parse_repository(text)
        return text
    return check_repository_name(text)


def account_id(text: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", text):
        # As a number 012345678901 has 11 digits, and where YAML 1.1 is read it is an octal one.
        fewer = re.fullmatch(r"[0-9]{1,11}", text)
        hint = f"{QUOTE_IT}, which drops a leading 0" if fewer else ""
        raise ValueError(f"{text!r} is not a valid registry id: expected the account's 12 digits{hint}")
    return text


RepositoryText = Annotated[str, Parsed(repository_text)]
AccountId = Annotated[str, Parsed(account_id, r"^\d{12}$")]
Region = Annotated[str, matching(r"[a-z]{2,}(?:-[a-z0-9]+)+-\d+", "AWS region", "a name such as eu-west-1")]
RoleArn = Annotated[
    str,
    matching(
        r"arn:[a-z0-9-]+:iam::\d{12}:role/[\w+=,.@/-]+",
        "role ARN",
        "arn:PARTITION:iam::ACCOUNT:role/NAME",
    ),
]
