"""`ecr-push tags`: apart from the other commands, because it must be quick and needs so little."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from ecr_push.ci.facts import read_facts
from ecr_push.plan import plan_tags
from ecr_push.settings_load import load_settings
from ecr_push.source import read_source
from ecr_push.version import derive_version


def tags(flags: Mapping[str, Any], environ: Mapping[str, str], stdout: TextIO) -> int:
    """Prints version and tags of the checkout. Raises SettingsError or SourceError."""
    settings = load_settings(flags, environ, command="tags")
    source = read_source(Path(settings.context), read_facts(environ))
    version = derive_version(source)
    found = plan_tags(settings, source, version)
    if settings.output == "json":
        document = {
            "commit": source.commit,
            "version": version.text,
            "why": version.why,
            "tags": [{"tag": tag.tag.name, "kind": tag.kind.value} for tag in found],
        }
        stdout.write(json.dumps(document, indent=2) + "\n")
        return 0
    stdout.write(f"version  {version.text}  ({version.why})\n")
    for tag in found:
        stdout.write(f"tag      {tag.tag.name}\n")
    return 0
