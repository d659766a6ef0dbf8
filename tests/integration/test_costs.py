"""What repositories cost, in a sandbox whose figures are read with the AWS CLI, and the page in a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import urllib3

from ecr_push.sandbox.server import Sandbox
from tests.support.command_line import CommandLine
from tests.support.pages import looked_at
from tests.support.pusher import Pusher, rootfs
from tests.support.registry import Registry

DAY = 86_400.0
GB = 2**30
# A GB costs so much that a few kilobytes do.
PRICES = """\
source: our contract
date: "2026-11-30"
region: eu-west-1
currency: EUR
storage: 1073741824
archive: 1073741824
archive-beyond: 0
archive-threshold: 153600
transfer: 2147483648
scan: 90000
scan-again: 10000
"""


@pytest.fixture
def repositories(sandbox: Sandbox, registry: Registry) -> None:
    """team/shop: a release, a candidate with the same layer, and one that is old. team/base: one image."""
    token = sandbox.tokens.issue(sandbox.options.account, "private").authorization
    pusher = Pusher(sandbox.url, token, urllib3.PoolManager())

    def push(days: float, name: str, tag: str, files: str, label: str) -> None:
        sandbox.clock.advance(-days * DAY)
        pusher.push(name, tag, rootfs(files), {"label": label})
        sandbox.clock.advance(days * DAY)

    registry.create("team/shop")
    registry.create("team/base")
    push(40, "team/shop", "1.4.2", "same", "one")
    push(1, "team/shop", "candidate-1", "same", "two")
    push(35, "team/shop", "candidate-2", "other" * 500, "three")
    push(1, "team/base", "3.20", "base", "four")


def asked(registry: Registry, *words: str) -> Any:
    return json.loads(registry.client.ask("aws", "ecr", *words, "--output", "json") or "{}")


def stored(registry: Registry, name: str) -> tuple[int, dict[str, dict[str, int]]]:
    """The bytes of a repository's layers, each once; and those of each tag's image. As others read them."""
    layers: dict[str, dict[str, int]] = {}
    for image in asked(registry, "describe-images", "--repository-name", name)["imageDetails"]:
        tag = image["imageTags"][0]
        manifest = json.loads(
            registry.client.ask("crane", "manifest", f"{registry.sandbox.host}/{name}:{tag}")
        )
        parts = (manifest["config"], *manifest["layers"])
        layers[tag] = {one["digest"]: one["size"] for one in parts}
    return sum({key: size for one in layers.values() for key, size in one.items()}.values()), layers


@pytest.mark.usefixtures("repositories")
def test_what_is_kept_scanned_and_copied(cli: CommandLine, registry: Registry, tmp_path: Path) -> None:
    shops = [{"filter": "team/shop", "filterType": "WILDCARD"}]
    rules = json.dumps([{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": shops}])
    asked(registry, "put-registry-scanning-configuration", "--scan-type", "ENHANCED", "--rules", rules)
    account = registry.sandbox.options.account
    destination = {"region": "eu-central-1", "registryId": account}
    filters = [{"filter": "team/s", "filterType": "PREFIX_MATCH"}]
    replication = {"rules": [{"destinations": [destination], "repositoryFilters": filters}]}
    configuration = ("--replication-configuration", json.dumps(replication))
    asked(registry, "put-replication-configuration", *configuration)
    policy = tmp_path / "lifecycle.txt"
    policy.write_text("keep *.*.*\nexpire candidate-* after 30 days\n")
    prices = tmp_path / "prices.yml"
    prices.write_text(PRICES)
    whole, layers = stored(registry, "team/shop")

    page = tmp_path / "costs.html"
    words = ("--prices", prices, "--lifecycle", policy, "--html", page, "--rescans", "2")
    found = cli.command("costs", *words, "--output", "json")
    assert found.code == 0, found.stderr
    shop, base = json.loads(found.stdout)["repositories"]
    one, two, three = (layers[tag] for tag in ("1.4.2", "candidate-1", "candidate-2"))
    assert whole < sum(map(sum, (one.values(), two.values(), three.values())))  # a layer counts once
    own = sum(size for digest, size in two.items() if digest not in {**one, **three})
    assert shop["amounts"] == {
        "storage": whole,
        "archive": 0,
        "copies": whole,
        "transfer": 2 * own,  # of the last month
        "scans": 90_000 + 3 * 2 * 10_000,
    }
    assert (shop["bytesAreExact"], shop["imagesScanned"], shop["imagesScannedWithoutRelease"]) == (True, 1, 1)
    gone = sum(size for digest, size in three.items() if digest not in {**one, **two})
    assert shop["saving"] == {
        "imagesDeleted": 2,
        "imagesArchived": 0,
        "bytesDeleted": gone + own,
        "amount": gone + own,
    }
    assert (base["amounts"]["storage"], base["amounts"]["scans"]) == (stored(registry, "team/base")[0], 0)

    for shown in looked_at(page):
        assert shown.locator("tbody tr").count() == 2
        assert shown.locator("tbody tr").first.locator("rect.fill").count() == 4

    text = cli.command("costs", "team/shop", *words).stdout
    assert text.startswith("REPOSITORY  IMAGES"), text
    assert "Prices of eu-west-1 in EUR, 2026-11-30: our contract." in text
    assert "1 have no release's tag: 90,000.00 EUR." in text


@pytest.mark.usefixtures("repositories")
def test_layers_are_not_read_where_a_policy_counts_from_the_last_pull(
    cli: CommandLine, registry: Registry
) -> None:
    rules = [
        {
            "rulePriority": 1,
            "selection": {
                "tagStatus": "any",
                "countType": "sinceImagePulled",
                "countUnit": "days",
                "countNumber": 90,
            },
            "action": {"type": "transition", "targetStorageClass": "archive"},
        }
    ]
    text = ("--lifecycle-policy-text", json.dumps({"rules": rules}))
    asked(registry, "put-lifecycle-policy", "--repository-name", "team/shop", *text)
    [image] = asked(registry, "describe-images", "--repository-name", "team/base")["imageDetails"]
    identity = ("--image-id", f"imageDigest={image['imageDigest']}", "--target-storage-class", "ARCHIVE")
    asked(registry, "update-image-storage-class", "--repository-name", "team/base", *identity)
    found = cli.command("costs")
    assert found.code == 0, found.stderr
    assert "≤" in found.stdout
    assert "Of 1 repository the layers were not read" in found.stdout
    assert registry.asked("BatchGetImage") == 0  # there is nothing else to read
    assert "up to 150 TB an archive saves nothing" in found.stdout
    assert "1 of them are billed for 90 days in the archive" in found.stdout
