"""The images that a text names, such as task definitions, manifests, or a list: what is in use. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ecr_push.base.reference import Digest
from ecr_push.base.regex import lazy_regex
from ecr_push.registry.stored_image import StoredImage

_DIGEST = lazy_regex(r"sha256:[0-9a-f]{64}")
_HOST = r"(?:(?:[\w-]+(?:\.[\w-]+)+|localhost)(?::\d+)?/)?"


def images_in_use(text: str, repository: str, images: Iterable[StoredImage]) -> Mapping[Digest, str]:
    """The repository's images that a text names, by digest or as `…/REPOSITORY:TAG`, and the name.

    repository: its name, `team/app`. What the text names of other repositories is left out.
    """
    by_tag = {tag: image.digest for image in images for tag in image.tags}
    digests = {image.digest.value: image.digest for image in images}
    found = {digests[one]: one for one in _DIGEST.findall(text) if one in digests}
    named = re.compile(rf"(?<![\w./-]){_HOST}{re.escape(repository)}:([\w.-]+)(?!@)")
    for one in named.findall(text):
        tag = one if one in by_tag else one.rstrip(".-")  # the end of a sentence, or of a line in a list
        if tag in by_tag:
            found[by_tag[tag]] = tag
    return {digest: f"{repository}{'@' if ':' in name else ':'}{name}" for digest, name in found.items()}
