"""What the next step of a pipeline reads: which image to deploy, and variables.

A file that deploys exists for an accepted image alone: of any other outcome there is no text here, and
then no file. An empty list would be a valid one for nobody: CodePipeline's ECS action is to stop.

https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html
https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping

from ecr_push.pipeline.outcome import Outcome
from ecr_push.report.formats import Renderer

# What a shell, `docker run --env-file` and GitLab all take as it stands. The last two know no quotes. A `!`,
# as in PEP 440's epochs, is something to a shell only where a person types it.
_PLAIN = re.compile(r"[A-Za-z0-9_./:@,+=!-]*")


def render_imagedefinitions(outcome: Outcome) -> str:
    """For the ECS action of CodePipeline: the image of one container. "" for what must not be deployed."""
    image = outcome.released
    return json.dumps([{"name": _container(outcome), "imageUri": image}]) + "\n" if image else ""


def render_imagedetail(outcome: Outcome) -> str:
    """For CodePipeline's blue/green action by CodeDeploy. "" for what must not be deployed."""
    image = outcome.released
    return json.dumps({"ImageURI": image}) + "\n" if image else ""


def render_dotenv(outcome: Outcome) -> str:
    """NAME=value lines. IMAGE, DIGEST and TAGS are empty unless the image is accepted and released."""
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
    """All that we write is plain. Were it not, it would still be one line and no command to a shell."""
    return text if _PLAIN.fullmatch(text) else shlex.quote(" ".join(text.split()))


RENDERERS: Mapping[str, Renderer] = {
    "imagedefinitions": render_imagedefinitions,
    "imagedetail": render_imagedetail,
    "dotenv": render_dotenv,
}
