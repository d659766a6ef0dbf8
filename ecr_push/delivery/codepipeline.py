"""Outcome -> the files for the next step of a pipeline: which image to deploy, and variables. Pure.

Deploy files exist only for an accepted image: for any other outcome the text is empty, and no file is
written, so that the deploy action of CodePipeline fails.

https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html
https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from ecr_push.base.regex import lazy_regex
from ecr_push.pipeline.outcome import Outcome
from ecr_push.report.formats import Renderer

# Characters that a shell, `docker run --env-file` and GitLab all read literally. The last two have no quotes.
# A `!`, as in PEP 440's epochs, is special only in an interactive shell.
_PLAIN = lazy_regex(r"[A-Za-z0-9_./:@,+=!-]*")


def render_imagedefinitions(outcome: Outcome) -> str:
    """Renders the file of CodePipeline's ECS action: the image of one container. "" if it is not released."""
    image = outcome.released
    return json.dumps([{"name": _container(outcome), "imageUri": image}]) + "\n" if image else ""


def render_imagedetail(outcome: Outcome) -> str:
    """Renders the file of CodePipeline's blue/green action by CodeDeploy. "" if it is not released."""
    image = outcome.released
    return json.dumps({"ImageURI": image}) + "\n" if image else ""


def render_dotenv(outcome: Outcome) -> str:
    """Renders NAME=value lines. IMAGE, DIGEST and TAGS are empty unless the image is released."""
    image, plan = outcome.released, outcome.plan
    on_it = {str(one.tag) for one in outcome.promoted if one.result in ("moved", "already")}
    order = [str(tag) for tag in plan.tags] if plan else []
    tags = [tag for tag in order if tag in on_it] or sorted(on_it)
    values = {
        "IMAGE": image,
        "DIGEST": image.rpartition("@")[2],
        "VERSION": plan.version.text if plan else "",
        "TAGS": ",".join(tags) if image else "",
        "VERDICT": outcome.status,
        "EXIT_CODE": str(outcome.exit_code),
        "CANDIDATE": outcome.candidate.name if outcome.candidate else "",
    }
    return "".join(f"{name}={_value(text)}\n" for name, text in values.items())


def _container(outcome: Outcome) -> str:
    name = outcome.pushed.repository.name if outcome.pushed else ""
    return outcome.run.container_name or name.rpartition("/")[2]


def _value(text: str) -> str:
    """Quotes a value that is not plain, so that it is always one line and never a shell command."""
    return text if _PLAIN.fullmatch(text) else shlex.quote(" ".join(text.split()))


RENDERERS: Mapping[str, Renderer] = {
    "imagedefinitions": render_imagedefinitions,
    "imagedetail": render_imagedetail,
    "dotenv": render_dotenv,
}
