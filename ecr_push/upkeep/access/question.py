"""Who asks, and for what, as a user writes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam.ecr_actions import ACTIONS, is_pattern, plain_action
from ecr_push.base.iam.principal import Caller
from ecr_push.base.place import Place
from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean
from ecr_push.upkeep.policies.model import CODEBUILD, LAMBDA

LOGIN = "ecr:GetAuthorizationToken"
# The calls of a docker client, which logs in first.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
_WORDS = {
    "pull": (LOGIN, "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
    "push": (
        LOGIN,
        "ecr:BatchGetImage",
        "ecr:BatchCheckLayerAvailability",
        "ecr:InitiateLayerUpload",
        "ecr:UploadLayerPart",
        "ecr:CompleteLayerUpload",
        "ecr:PutImage",
    ),
    "delete": ("ecr:BatchDeleteImage",),
}
_SOURCE = lazy_regex(r"(?P<service>lambda|codebuild)(?::(?P<account>[0-9]{12})(?:/(?P<name>[\w-]+))?)?")
_WHOSE = "aws:SourceArn"

# Keys that a request has only where a service comes on behalf of a resource:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_OF_SERVICES = ("aws:SourceAccount", _WHOSE, "aws:SourceOrgID", "aws:SourceOrgPaths")

Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Subject:
    """Who asks. context: the condition keys that follow from who it is, by key; () for one that it lacks."""

    words: str
    caller: Caller
    context: Values


def read_subject(text: str, place: Place) -> Subject:
    """A role's or user's ARN, a session's, an account (its root), a service, `lambda:ACCOUNT/NAME`.

    place: of the registry. Raises ValueError with a sentence.
    """
    if found := _SOURCE.fullmatch(text):
        return _service(text, found["service"], found["account"] or "", found["name"] or "", place)
    if text.startswith("org:"):
        raise ValueError(f"{text!r} is many principals: name a role, and --context aws:PrincipalOrgID=o-…")
    if "*" in text or "?" in text:
        raise ValueError(f"{text!r} is many principals: name one")
    caller = Caller.of(text)
    if caller.service or caller.federated:
        return Subject(text, caller, {})
    return Subject(text, caller, dict.fromkeys(_OF_SERVICES, ()))


def _service(text: str, service: str, account: str, name: str, place: Place) -> Subject:
    kind, host = ("function", LAMBDA) if service == "lambda" else ("project", CODEBUILD)
    separator = ":" if service == "lambda" else "/"
    context: dict[str, tuple[str, ...]] = {}
    if account:
        context["aws:SourceAccount"] = (account,)
    if name:
        resource = f"{kind}{separator}{name}"
        context[_WHOSE] = (f"arn:{place.partition}:{service}:{place.region}:{account}:{resource}",)
    return Subject(text, Caller.of(host), context)


def read_actions(text: str, subject: Subject) -> tuple[str, ...]:
    """`pull`, `push`, `delete`, or an action of ECR. Raises ValueError with a sentence."""
    if text in _WORDS:
        # A service has no docker client: it needs no login.
        return tuple(one for one in _WORDS[text] if one != LOGIN or subject.caller.has_policies)
    action = plain_action(text if ":" in text else f"ecr:{text}")
    name = action.removeprefix("ecr:")
    if is_pattern(action):
        raise ValueError(f"{text!r} is many actions: name one, or pull, push or delete")
    if name not in ACTIONS:
        hint = did_you_mean(name, (*_WORDS, *ACTIONS))
        raise ValueError(f"{text!r} is not pull, push, delete or an action of ECR{hint}")
    return (action,)


def read_context(given: Sequence[str]) -> Values:
    """`KEY=VALUE`, a key again for several values, `KEY=` for one that the request lacks.

    Raises ValueError with a sentence.
    """
    found: dict[str, tuple[str, ...]] = {}
    for one in given:
        key, separator, value = one.partition("=")
        if not separator or ":" not in key or not key.partition(":")[2]:
            raise ValueError(f"{one!r} is not KEY=VALUE, such as aws:PrincipalOrgID=o-a1b2c3d4e5")
        found[key] = (*found.get(key, ()), value) if value else found.get(key, ())
    return found
