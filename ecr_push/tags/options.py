"""The options that say what to call an image: tags, labels, annotations."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ecr_push.base.annotation import parse_annotation
from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import NAMING, Parsed, option
from ecr_push.base.reference import Tag, whole_name

_GROUP = "What to call it"
SHORTEST, LONGEST = 7, 64  # digits of a commit; SHA-256 has 64


def _tag(text: str) -> str:
    """A whole name is one on this machine: whether it may be given, a check of the settings says."""
    if tag := whole_name(text)[1]:
        Tag(tag)
        return text
    return Tag(text).name


def _rules(text: str) -> Any:
    from ecr_push.tags.metadata_action.csv_line import numbered_lines
    from ecr_push.tags.metadata_action.grammar import parse_rules

    return parse_rules(text) if numbered_lines(text) else ()  # no rules are not the action's default ones


def _flavor(text: str) -> Any:
    from ecr_push.tags.metadata_action.flavor import parse_flavor

    return parse_flavor(text)


def _label(text: str) -> str:
    from ecr_push.tags.metadata_action.expressions import GLOBAL, problems_of
    from ecr_push.tags.metadata_action.template import parse_template

    key, equals, value = text.partition("=")
    if not equals or not key or key != "".join(key.split()):
        raise ValueError(f"{text!r}: expected KEY=VALUE, and no space in the key")
    if problems := problems_of(parse_template(value), GLOBAL):
        raise ValueError("; ".join(problems))
    return text


def _annotation(text: str) -> str:
    parse_annotation(text)
    return _label(text)


def _sha_length(text: str) -> int:
    """The shortest is the one by which a commit's tag is known: see `tags/kinds.py`."""
    if not (text.isascii() and text.isdigit() and SHORTEST <= int(text) <= LONGEST):
        raise ValueError(f"{text!r} is not a valid length: expected a number from {SHORTEST} to {LONGEST}")
    return int(text)


ShaLength = Annotated[int, Parsed(_sha_length, r"^[0-9]{1,2}$")]
TagText = Annotated[str, Parsed(_tag)]
RulesText = Annotated[Any, Parsed(_rules)]
FlavorText = Annotated[Any, Parsed(_flavor)]
LabelText = Annotated[str, Parsed(_label)]
AnnotationText = Annotated[str, Parsed(_annotation)]


@dataclass(frozen=True, eq=False, repr=False)
class TagOptions:
    """What the image is called. extra_tags is --tag, tag_rules is --tags."""

    extra_tags: tuple[TagText, ...] = option(
        (),
        _GROUP,
        NAMING,
        "Tag to give besides the computed ones; may be repeated. NAME:TAG is for --load and --export.",
        short="-t",
        metavar="TAG",
        key="tag",
        separator=",",
    )
    tag_rules: RulesText = option(
        (),
        _GROUP,
        NAMING,
        "Rules for tags, instead of the computed ones, in docker/metadata-action's syntax; may be repeated.",
        metavar="RULE",
        key="tags",  # docker/metadata-action's name for them: its lines move over unchanged
        separator="\n",
        block=True,
    )
    flavor: FlavorText = option(
        None,
        _GROUP,
        NAMING,
        "What holds for all rules of --tags: latest=auto|true|false, prefix=, suffix=, each with onlatest=.",
        metavar="FLAVOR",
        separator="\n",
        block=True,
    )
    naming: Literal["ecr-push", "metadata-action"] = option(
        "ecr-push",
        _GROUP,
        NAMING,
        "Which conventions to follow where docker/metadata-action's tags and labels differ from ecr-push's; "
        "with metadata-action its default rules hold where --tags gives none.",
    )
    short_sha_length: ShaLength = option(
        0,
        _GROUP,
        NAMING,
        "How many digits of the commit are in its tag: sha-…, dirty-…, type=sha and {{sha}}.",
        metavar="DIGITS",
        default_text="12; in rules 7, or DOCKER_METADATA_SHORT_SHA_LENGTH",
    )
    untagged_versions: Literal["keep", "move"] = option(
        "keep",
        _GROUP,
        NAMING,
        "Tag of a given version that git has not tagged, such as 1.5.0-SNAPSHOT: keep never moves it, so "
        "that another commit with the same version is a conflict; move lets it follow its branch until git "
        "has the tag.",
    )
    labels: tuple[LabelText, ...] = option(
        (),
        _GROUP,
        NAMING,
        "Label of the image besides the computed ones, or instead of one; may be repeated.",
        metavar="KEY=VALUE",
        key="label",
        separator="\n",
        mapping=True,
    )
    annotations: tuple[AnnotationText, ...] = option(
        (),
        _GROUP,
        NAMING,
        "Annotation of the image's manifest, or of another level: index, manifest-descriptor, "
        "index-descriptor, each with [OS/ARCH] for one platform; may be repeated. Needs buildx.",
        metavar="[LEVEL:]KEY=VALUE",
        key="annotation",
        separator="\n",
        mapping=True,
    )
    annotate: bool = option(
        False,
        _GROUP,
        NAMING,
        "Put the labels onto the image's manifest as annotations too. Needs buildx.",
    )
    floating_tags: Literal["all", "latest", "none"] = option(
        "all",
        _GROUP,
        NAMING,
        "Which tags may move: all is 1.4, 1, the branch's tag and latest. Without "
        "1.4, 1 and the branch's, a repository made by --create-repository can be immutable.",
    )
