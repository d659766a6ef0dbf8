"""All renderers: those of the reports, and those of the files that a deployment takes."""

from __future__ import annotations

from ecr_push.delivery import codepipeline
from ecr_push.report import formats

RENDERERS = {**formats.RENDERERS, **codepipeline.RENDERERS}
