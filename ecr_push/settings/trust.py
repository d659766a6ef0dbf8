"""Which sources of settings are trusted: flags and environment always, ecr-push.yml if its author can push.

An untrusted ecr-push.yml could name files to overwrite or to print, variables of the programs that are
started, or a policy that accepts everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecr_push.base.errors import SourceError
from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.ci.facts import CiFacts
from ecr_push.ci.overrides import apply_overrides
from ecr_push.settings.declare import Settings, changed
from ecr_push.settings.sources import Sources, is_for_several, may_name_an_image, read_sources, with_file
from ecr_push.source.git.checkout import commit_there
from ecr_push.source.git_context import address_of
from ecr_push.source.trust import fork_code

# What the caller hands to a build alone.
OF_A_BUILD = ("secrets", "ssh", "allow", "cache_to")


def trusted_sources(flags: Mapping[str, Any], environ: Mapping[str, str], facts: CiFacts) -> Sources:
    """Flags and environment, and ecr-push.yml on a laptop and for code of someone who can push."""
    sources = read_sources(flags, environ)
    return sources if _file_is_untrusted(sources.settings(), facts) else with_file(sources)


def _file_is_untrusted(given: Settings, facts: CiFacts) -> bool:
    """given: what flags and environment say."""
    if not facts.unattended:
        return False
    try:
        facts = apply_overrides(facts, given.ci)
        return bool(untrusted_code(given, facts)) or (
            # The file here is read for a context that it lists, and may be of another checkout, or of none.
            may_name_an_image(given)
            and bool(fork_code(facts, lambda: commit_there(Path(), Path(CONFIG_FILE_NAME), trusted=True)))
        )
    except SourceError:  # raised again by whatever reads the checkout, once the settings are valid
        return True


def untrusted_code(settings: Settings, facts: CiFacts) -> str:
    """What is built, in words, where it may come from someone who cannot push; "" for anything else."""

    def commit() -> str:
        # Images that were built elsewhere may be made of anything, and so may one of another repository.
        if settings.builder.image or settings.builder.parts or address_of(settings.source.context):
            return ""
        context = Path(settings.source.context)
        file = Path(settings.builder.dockerfile or context / "Dockerfile")
        if is_for_several(settings) or settings.images.only:
            file = context / CONFIG_FILE_NAME  # the folder that it is in need not be one to build
        elif not context.is_dir():  # the name of an image, perhaps
            context, file = Path(), Path(CONFIG_FILE_NAME)
        return commit_there(context, file, trusted=facts.unattended)

    return fork_code(facts, commit)


def without_secrets(settings: Settings) -> Settings:
    """settings without what the caller would hand to the build: a Dockerfile can print a secret.

    Nor has it a login, or a token, for the cache of the run.
    """
    return changed(settings, **dict.fromkeys(OF_A_BUILD, ()), cache="none")
