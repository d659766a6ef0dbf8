"""What is attached to the images that are copied is asked for early, and once."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base.reference import Digest
from ecr_push.registry.copy.source import KnownManifests
from ecr_push.registry.copy.tree import read_trees, with_referrers
from tests.support.fakes import FakeRepository
from tests.support.trees import AMD, ARM, about, index_of

ROOT = index_of(AMD, ARM)
OF_ROOT, OF_CHILD = about(ROOT, "signature"), about(AMD, "sbom")


class Source(FakeRepository):
    def __init__(self) -> None:
        attached = {ROOT.digest: [OF_ROOT.digest], AMD.digest: [OF_CHILD.digest]}
        super().__init__(manifests=[AMD, ARM, ROOT, OF_ROOT, OF_CHILD], referrers=attached)
        self.asked: list[list[Digest]] = []

    def all_referrers(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        self.asked.append(list(digests))
        return super().all_referrers(digests)


def test_the_images_first_and_then_what_they_name() -> None:
    source = Source()
    reader = KnownManifests(source, {ROOT.digest: ROOT})
    reader.ask_for_referrers([ROOT.digest])
    tree = with_referrers(read_trees([ROOT], reader), reader)
    assert set(tree.manifests) == {AMD, ARM, ROOT, OF_ROOT, OF_CHILD}
    assert source.asked[0] == [ROOT.digest] and set(source.asked[1]) == {AMD.digest, ARM.digest}
    assert len(source.asked) == 2


def test_images_that_name_no_others_are_asked_about_once() -> None:
    source = Source()
    reader = KnownManifests(source, {AMD.digest: AMD})
    reader.ask_for_referrers([AMD.digest])
    assert OF_CHILD in with_referrers(read_trees([AMD], reader), reader).manifests
    assert source.asked == [[AMD.digest]]
    assert reader.all_referrers([AMD.digest]) == {OF_CHILD.digest}
    assert len(source.asked) == 2
