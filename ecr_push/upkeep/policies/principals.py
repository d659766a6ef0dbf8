"""A principal as people write it -> as IAM has it. Pure.

111122223333                                    an account: what its own policies allow
org:o-a1b2c3d4e5                                every account of an organisation
org:o-a1b2c3d4e5/r-ab12/ou-ab12-11111111        every account below an organisational unit
arn:aws:iam::111122223333:role/deploy           a role or a user; with `*`, all of the account that match
lambda, lambda:111122223333, lambda:111122223333/resize     functions: own, of an account, one of them
codebuild, codebuild:111122223333/build         projects that pull with CodeBuild's own credentials
everyone                                        every AWS account
"""

from __future__ import annotations

from collections.abc import Callable

from ecr_push.base.iam.document import Condition
from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.upkeep.policies.model import CODEBUILD, LAMBDA, Who

EVERYONE = "everyone"
FORMS = "an account (12 digits), org:o-…, org:o-…/r-…/ou-…, a role's or user's ARN, lambda, codebuild"

_ACCOUNT = lazy_regex(r"[0-9]{12}")
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html, API_Organization
_ORGANISATION = lazy_regex(r"o-[a-z0-9]{10,32}")
_PATH = lazy_regex(r"o-[a-z0-9]{10,32}/r-[0-9a-z]{4,32}(/ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})*")
_UNIT = lazy_regex(r"(ou|r)-[0-9a-z]{4,32}(-[a-z0-9]{8,32})?")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_NAME = r"[\w+=,.@*?-]+"
_IAM_ARN = lazy_regex(
    rf"arn:(?P<partition>[a-z0-9-]+):(?P<service>iam|sts)::(?P<account>[0-9]{{12}}):"
    rf"(?P<what>root|(?:role|user|assumed-role|federated-user)/(?:{_NAME}/)*{_NAME})"
)
_SOURCE = lazy_regex(r"(?P<service>lambda|codebuild)(?::(?P<account>[^/]*)(?:/(?P<name>.+))?)?")
_SOURCE_NAME = lazy_regex(r"[A-Za-z0-9_*-]{1,255}")
# Services that pull with a role, not as themselves, and which one that is.
_PULLED_BY_ROLE = {
    "ecs": "ECS pulls with the task execution role",
    "ecs-tasks": "ECS pulls with the task execution role",
    "fargate": "Fargate pulls with the task execution role",
    "eks": "EKS pulls with the role of its nodes",
    "ec2": "EC2 pulls with the role of its instance profile",
    "batch": "Batch pulls with the execution role of the job",
    "apprunner": "App Runner pulls with its access role",
    "sagemaker": "SageMaker pulls with its execution role",
    "github": "GitHub Actions pulls with the role that it assumes",
    "codepipeline": "CodePipeline pulls with its service role",
}


def parse_principal(text: str, place: Callable[[], Place]) -> Who:
    """Raises ValueError with a sentence. place: asked where the text needs the registry's own."""
    if text in (EVERYONE, "*"):
        return everyone()
    if _ACCOUNT.fullmatch(text):
        return account(text, place().partition)
    if text.startswith("org:"):
        return _organisation(text.removeprefix("org:").removesuffix("/*").removesuffix("/"))
    if text.startswith("arn:"):
        return _arn(text, place)
    if found := _SOURCE.fullmatch(text):
        return _source(found["service"], found["account"], found["name"], place)
    raise ValueError(f"{text!r} is not a principal: {_meant(text)}")


def everyone() -> Who:
    return Who(EVERYONE, "*", "*")


def account(number: str, partition: str) -> Who:
    return Who(number, "AWS", f"arn:{partition}:iam::{number}:root")


def organisation(name: str) -> Who:
    return Who(f"org:{name}", "*", "*", (Condition("StringEquals", "aws:PrincipalOrgID", (name,)),))


def unit(path: str) -> Who:
    """path: `o-…/r-…/ou-…`; accounts of the units below it are among it."""
    holds = Condition("StringLike", "aws:PrincipalOrgPaths", (f"{path}/*",), "ForAnyValue")
    return Who(f"org:{path}", "*", "*", (holds,))


def arn_pattern(pattern: str, number: str, partition: str) -> Who:
    """All roles or users of an account that match: a principal itself may have no `*` in its name."""
    root = account(number, partition).name
    return Who(pattern, "AWS", root, (Condition("ArnLike", "aws:PrincipalArn", (pattern,)),))


def functions(number: str, name: str, partition: str) -> Who:
    """Functions of an account, of any region: Lambda takes images of its own region alone."""
    arn = f"arn:{partition}:lambda:*:{number}:function:{name or '*'}"
    words = f"lambda:{number}{'/' if name else ''}{name}"
    return Who(words, "Service", LAMBDA, (Condition("StringLike", "aws:SourceArn", (arn,)),))


def projects(number: str, name: str, partition: str) -> Who:
    """Projects of an account: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html."""
    arn = f"arn:{partition}:codebuild:*:{number}:project/{name or '*'}"
    conditions = (
        Condition("ArnLike", "aws:SourceArn", (arn,)),
        Condition("StringEquals", "aws:SourceAccount", (number,)),
    )
    return Who(f"codebuild:{number}{'/' if name else ''}{name}", "Service", CODEBUILD, conditions)


def _organisation(name: str) -> Who:
    if _ORGANISATION.fullmatch(name):
        return organisation(name)
    if _PATH.fullmatch(name):
        return unit(name)
    if _UNIT.fullmatch(name):
        raise ValueError(
            f"'org:{name}' is a part of a path: write all of it, org:o-…/r-…/{name}, as "
            "`aws organizations list-parents` gives it"
        )
    raise ValueError(
        f"'org:{name}' is not an organisation: expected org:o- and 10 to 32 lower-case letters and digits, "
        "or the path of an organisational unit, org:o-…/r-…/ou-…"
    )


def _arn(text: str, place: Callable[[], Place]) -> Who:
    found = _IAM_ARN.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not the ARN of a role or user: {_meant_arn(text)}")
    here = place().partition
    if found["partition"] != here:
        raise ValueError(f"{text!r} is in the partition {found['partition']}, the registry in {here}")
    if found["what"] == "root":
        return account(found["account"], found["partition"])
    if "*" in text or "?" in text:
        return arn_pattern(text, found["account"], found["partition"])
    return Who(text, "AWS", text)


def _meant_arn(text: str) -> str:
    parts = text.split(":", 5)
    service = parts[2] if len(parts) == 6 else ""
    owner = parts[4] if len(parts) == 6 else ""
    resource = parts[5] if len(parts) == 6 else ""
    if service == "iam" and resource.startswith("group/"):
        return "IAM allows no group as a principal: name its users, or a role"
    if service == "iam" and resource.startswith("instance-profile/"):
        return "name the role that is in the instance profile"
    if service == "lambda" and resource.startswith("function:"):
        return f"write lambda:{owner}/{resource.split(':')[1]}"
    if service == "codebuild" and resource.startswith("project/"):
        return f"write codebuild:{owner}/{resource.removeprefix('project/')}"
    if service in ("iam", "sts") and not _ACCOUNT.fullmatch(owner):
        return f"its account is {owner!r}: expected 12 digits"
    return "expected arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME"


def _source(service: str, number: str | None, name: str | None, place: Callable[[], Place]) -> Who:
    if number is None and not (number := place().account):
        raise ValueError(f"{service}: the account is not known here: write {service}:ACCOUNT")
    if not _ACCOUNT.fullmatch(number):
        raise ValueError(f"{service}: {number!r} is not an account: expected 12 digits")
    if name is not None and not _SOURCE_NAME.fullmatch(name):
        what = "function" if service == "lambda" else "project"
        raise ValueError(f"{service}: {name!r} is not the name of a {what}")
    make = functions if service == "lambda" else projects
    return make(number, "" if name in (None, "*") else str(name), place().partition)


def _meant(text: str) -> str:
    """What was probably meant by a text that is not a principal."""
    word = text.lower().removesuffix(".amazonaws.com")
    digits = text.replace("-", "").replace("_", "").replace(" ", "")
    if _ACCOUNT.fullmatch(digits):
        return f"write an account as 12 digits: {digits}"
    if text.isdigit():
        return f"an account has 12 digits, zeros at its beginning among them, not {len(text)}"
    if _ORGANISATION.fullmatch(text) or _PATH.fullmatch(text) or _UNIT.fullmatch(text):
        return f"write org:{text}"
    if word in ("lambda", "codebuild"):
        return f"write {word}"
    if word in _PULLED_BY_ROLE:
        return f"{_PULLED_BY_ROLE[word]}: name its ARN, or its account"
    if word in ("all", "any", "public", "world", "anyone", "anonymous"):
        return f"every AWS account is {EVERYONE!r}"
    return f"expected {FORMS}{did_you_mean(text, ('lambda', 'codebuild', EVERYONE))}"
