"""The images that a text names, such as task definitions, manifests, or a list: what is in use. Pure.

What is missed here is deleted, and what is found too much stays. So in doubt it is in use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ecr_push.base.reference import Digest
from ecr_push.base.regex import lazy_regex
from ecr_push.registry.stored_image import StoredImage

_DIGEST = lazy_regex(r"sha256:[0-9a-f]{64}")
# At the beginning of a name, or after the `docker://` of skopeo and the `oci://` of Helm.
_BEGIN = r"(?:(?<![\w./-])|(?<=://))"
_HOST = r"(?:(?:[\w-]+(?:\.[\w-]+)+|localhost)(?::\d+)?/)?"
# After a colon, or as a value: `team/app: "1.4.2"`. It may be a name itself: `a=HOST/a:1.4.2`.
_TAG = r"""(?=["']?[ \t]*[:=][ \t]*["']?(\w[\w.-]*)(?![\w.-]*@))"""
# Helm and kustomize have the tag beside the name: `repository: team/app`, and `tag:` or `newTag:`.
_TAG_BESIDE = lazy_regex(r"""[Tt](?:ag|AG)["']?[ \t]*[:=][ \t]*["']?(\w[\w.-]*)""")


def images_in_use(text: str, repository: str, images: Iterable[StoredImage]) -> Mapping[Digest, str]:
    """The repository's images that a text names, by digest or as `…/REPOSITORY:TAG`, and the name.

    repository: its name, `team/app`. What the text names of other repositories is left out. Where the
    repository stands without a tag, all tags that the text gives elsewhere count, and `latest`.
    """
    text = text.replace("\\/", "/")  # as some write JSON
    by_tag = {tag: image.digest for image in images for tag in image.tags}
    digests = {image.digest.value: image.digest for image in images}
    found = {digests[one]: one for one in _DIGEST.findall(text) if one in digests}
    for one in _tags(text, repository):
        tag = one if one in by_tag else one.rstrip(".-")  # the end of a sentence, or of a line in a list
        if tag in by_tag:
            found[by_tag[tag]] = tag
    return {digest: f"{repository}{'@' if ':' in name else ':'}{name}" for digest, name in found.items()}


def _tags(text: str, repository: str) -> Iterator[str]:
    name = f"{_BEGIN}{_HOST}{re.escape(repository)}"
    yield from re.findall(name + _TAG, text)
    if re.search(rf"""{name}(?![\w/@-]|\.\w|["']?[ \t]*[:=][ \t]*["']?\w)""", text):
        yield "latest"
        yield from _TAG_BESIDE.findall(text)
