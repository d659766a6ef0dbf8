"""Which tags can be rolled back, and which image `--to` names."""

from __future__ import annotations

import pytest

from ecr_push.base.errors import SettingsError
from ecr_push.base.reference import Digest, Registry, Repository
from ecr_push.release.rollback import find_named, floating_tag
from ecr_push.versions.schemes.choice import SEMVER
from tests.support.fakes import FakeRepository, digest, manifest

BAD, GOOD, REFUSED = (manifest(name) for name in ("bad", "good", "refused"))
TAGS = {
    "1.4.1": GOOD.digest,
    **dict.fromkeys(["1.4.2", "1.4", "1", "latest"], BAD.digest),
    "candidate-0123456789ab-1": REFUSED.digest,
    "claim-1.4.4": REFUSED.digest,
}


@pytest.mark.parametrize("name", ["1.4.1", "v1.4.1", "1.5.0-rc.1", "sha-0123456789ab", "dirty-0123456789ab",
                                  "candidate-0123456789ab-1", "claim-1.4.2", "no tag",
                                  f"sha256-{'a' * 64}.sig"])  # fmt: skip
def test_what_never_moves_is_refused_before_anything_is_asked(name: str) -> None:
    with pytest.raises(SettingsError):
        floating_tag(name, SEMVER)


@pytest.mark.parametrize(
    ("to", "found"),
    [
        ("1.4.1", GOOD.digest),
        (GOOD.digest.value, GOOD.digest),
        (GOOD.digest.short, GOOD.digest),
        (digest("untagged").value, digest("untagged")),
        ("1.4.9", "did you mean '1.4.2'"),
        ("candidate-0123456789ab-1", "refused, or never judged"),
        ("claim-1.4.4", "refused, or never judged"),
        (REFUSED.digest.short, "refused, or never judged"),
        ("sha256:0123456789ab", "no images"),
        ("sha256:" + "x" * 64, "not a valid digest"),
        ("not a tag", "not a valid image tag"),
    ],
)
def test_what_to_names(to: str, found: Digest | str) -> None:
    images = FakeRepository(tags=TAGS).images()
    if isinstance(found, Digest):
        assert find_named(to, images)[0] == found
        return
    with pytest.raises(SettingsError) as raised:
        find_named(to, images)
    assert found in raised.value.why


def test_the_repository_that_lacks_a_tag_is_named_with_what_lists_its_tags() -> None:
    with pytest.raises(SettingsError) as raised:
        find_named("1.4.9", (), Repository(Registry("localhost", "local"), "team/app"))
    assert "--to: there is no tag '1.4.9' in the repository team/app" in raised.value.why
    assert "aws ecr list-images --repository-name team/app" in raised.value.remedy
    with pytest.raises(SettingsError) as raised:
        find_named("1.4.9", (), Repository(Registry("public.ecr.aws", "public"), "acme/app"))
    assert "aws ecr-public describe-images --region us-east-1 --repository-name app" in raised.value.remedy
