"""Files as people have them: of a file the image changes, and nothing else."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.reference import Digest
from ecr_push.delivery.edit import Deployed
from ecr_push.delivery.keys import Key
from ecr_push.delivery.render import Choice, render

DIGEST = f"sha256:{'7f' * 32}"
URI = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/shop"
IMAGE = f"{URI}@{DIGEST}"
DEPLOYED = Deployed(URI, Digest(DIGEST))

# (name, file, choice, {line in the file: what it becomes}); every other line stays.
FILES = {
    "a manifest": (
        "d.yaml",
        """\
# The shop.
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers:
        - {name: migrate, image: '444455556666.dkr.ecr.eu-west-1.amazonaws.com/team/shop:1.2' }  # the same
      containers:
      - image: "team/shop:1.2"   # ours
        name: web
        args: ["--image", "team/shop:1.2"]
      - name: log
        image: fluent/fluent-bit:2
---
# A cron job.
kind: CronJob
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: web, image: team/shop}]}}}}}
""",
        Choice(),
        {
            8: f"        - {{name: migrate, image: '{IMAGE}' }}  # the same",
            10: f'      - image: "{IMAGE}"   # ours',
            18: "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: web, image: "
            + IMAGE
            + "}]}}}}}",
        },
    ),
    "a task definition with tabs": (
        "task.json",
        """\
{
\t"family": "shop", "cpu": 256,
\t"containerDefinitions": [
\t\t{"image": "<IMAGE1_NAME>", "name": "web", "env": [{"name": "A", "value": "\\u00e9\\/"}]},
\t\t{"name": "envoy", "image": "envoyproxy/envoy:v1"}
\t]
}
""",
        Choice(("web",)),
        {4: f'\t\t{{"image": "{IMAGE}", "name": "web", "env": [{{"name": "A", "value": "\\u00e9\\/"}}]}},'},
    ),
    "a compose file": (
        "compose.yaml",
        """\
x-common: &common
  restart: always
services:
  web:
    <<: *common
    image:   team/shop:latest
  db: {image: "postgres:16"}
""",
        Choice(("web",)),
        {6: f"    image:   {IMAGE}"},
    ),
    "a job definition of Batch": (
        "job.json",
        '{"containerProperties": {"image": "team/shop:1", "vcpus": 1}}',
        Choice(),
        {1: f'{{"containerProperties": {{"image": "{IMAGE}", "vcpus": 1}}}}'},
    ),
    "a model of SageMaker": (
        "model.json",
        (
            '{"Containers": [{"ContainerHostname": "pre", "Image": "x"}, '
            '{"ContainerHostname": "it", "Image": "y"}]}'
        ),
        Choice(("it",)),
        {
            1: '{"Containers": [{"ContainerHostname": "pre", "Image": "x"}, '
            f'{{"ContainerHostname": "it", "Image": "{IMAGE}"}}]}}'
        },
    ),
    "an anchor": (
        "d.yaml",
        "containers:\n- {name: a, image: &it !!str team/shop:1}\n- {name: b, image: *it}\n",
        Choice(),
        {2: f"- {{name: a, image: &it !!str {IMAGE}}}"},
    ),
    "values of a chart": (
        "values.yaml",
        'web:\n  image:\n    repository: x/y # r\n    digest: ""\n  "dotted.key": [{ref: a}]\n',
        Choice(
            keys=(
                Key.parse("web.image.repository=repository"),
                Key.parse("web.image.digest=digest"),
                Key.parse('web."dotted.key"[0].ref'),
            )
        ),
        {
            3: f"    repository: {URI} # r",
            4: f'    digest: "{DIGEST}"',
            5: f'  "dotted.key": [{{ref: {IMAGE}}}]',
        },
    ),
    "a kustomization with a digest": (
        "kustomization.yaml",
        f"images:\n- name: shop\n  newName: {URI}\n  digest: sha256:{'0' * 64}  # by CI\n",
        Choice(),
        {4: f"  digest: {DIGEST}  # by CI"},
    ),
    "a kustomization with a tag": (
        "kustomization.yaml",
        f"images:\n  - name: {URI}\n    newTag: '1.2'   # by CI\n  - {{name: other, newTag: v1}}\n",
        Choice(),
        {3: f"    digest: '{DIGEST}'   # by CI"},
    ),
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("which", FILES)
def test_only_the_images_lines_change(which: str, ends: str) -> None:
    name, text, choice, expected = FILES[which]
    text = text.replace("\n", ends)
    rendered = render(text, name, DEPLOYED, choice)
    before, after = text.split(ends), rendered.text.split(ends)
    assert {number: line for number, line in enumerate(after, 1) if line != before[number - 1]} == expected
    assert len(after) == len(before)
    assert {one.line for one in rendered.edits} == set(expected)
    again = render(rendered.text, name, DEPLOYED, choice)
    assert (again.text, again.edits) == (rendered.text, ())
    if name.endswith(".json"):
        json.loads(rendered.text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- name: team/shop  # ours\n", f"- name: team/shop  # ours\n  digest: {DIGEST}\n  newName: {URI}\n"),
        ("- name: team/shop", f"- name: team/shop\n  digest: {DIGEST}\n  newName: {URI}"),
        (
            f"- newTag: v1\n  name: {URI}\n  digest: sha256:{'0' * 64}\n",
            f"- name: {URI}\n  digest: {DIGEST}\n",
        ),
        (
            f"- name: {URI}\n  digest: sha256:{'0' * 64}\n  newTag: v1 # old\n- name: b\n",
            f"- name: {URI}\n  digest: {DIGEST}\n- name: b\n",
        ),
        (f"- {{name: {URI}}}\n", f"- {{name: {URI}, digest: {DIGEST}}}\n"),
        (
            f'- {{"name": "{URI}", "newTag": "v1", "digest": "sha256:{"0" * 64}"}}\n',
            f'- {{"name": "{URI}", "digest": "{DIGEST}"}}\n',
        ),
    ],
)
def test_a_kustomization_gets_what_it_lacks_and_no_tag_stays_beside_the_digest(
    before: str, after: str
) -> None:
    text = f"kind: Kustomization\nimages:\n{before}"
    rendered = render(text, "k.yaml", DEPLOYED, Choice())
    expected = yaml.safe_load(after)
    assert yaml.safe_load(rendered.text)["images"] == expected
    assert len(rendered.text.splitlines()) == len(text.splitlines()) - len(before.splitlines()) + len(
        after.splitlines()
    )
    assert render(rendered.text, "k.yaml", DEPLOYED, Choice()).edits == ()


@pytest.mark.parametrize(
    ("name", "text", "choice", "why"),
    [
        ("d.yaml", "image: nginx:1\n", Choice(), "no container has an image of team/shop: it has image"),
        ("d.yaml", "a: b\n", Choice(), "it has no image at all"),
        ("d.yaml", "", Choice(), "it has no image at all"),
        (
            "values.yaml",
            "image: {repository: a, digest: b}\n",
            Choice(),
            "--key image.repository=repository --key image.digest=digest names them",
        ),
        ("d.yaml", "- {name: web, image: a}\n", Choice(("wep",)), "no container 'wep'; did you mean 'web'?"),
        (
            "d.yaml",
            "image: >-\n  team/shop:1\n",
            Choice(),
            "the image stands in a block (>): write it on one line",
        ),
        (
            "d.yaml",
            "- {name: a, image: &i x}\n- {name: b, image: *i}\n",
            Choice(("b",)),
            "the image of a (line 1, x) is an alias of one that is to change",
        ),
        ("v.yaml", "a: {b: c}\n", Choice(keys=(Key.parse("a.d"),)), "no text at a.d; did you mean 'a.b'?"),
        ("v.yaml", "a: 1\n---\na: 2\n", Choice(keys=(Key.parse("a"),)), "a is there 2 times, in lines 1, 3"),
        (
            "kustomization.yaml",
            "images: [{name: x}]\n",
            Choice(),
            "`images` has no entry for team/shop (it has x)",
        ),
        (
            "kustomization.yaml",
            "resources: []\n",
            Choice(),
            "`images` has no entry for team/shop (it has none)",
        ),
        ("d.yaml", "a: [\n", Choice(), "line 2, column 1"),
        ("d.yaml", "a: &a [*a]\n", Choice(), "contains itself"),
        ("d.yaml", "{[a]: b}\n", Choice(), "a name is a text, not a list or a map"),
        ("d.yaml", "[" * 300, Choice(), "nested"),
    ],
)
def test_what_is_wrong(name: str, text: str, choice: Choice, why: str) -> None:
    with pytest.raises(ValueError) as wrong:
        render(text, name, DEPLOYED, choice)
    assert why in str(wrong.value)


@pytest.mark.parametrize("text", ["a..b", ".a", "a[x]", "", "=digest", "a=tag", "a[0"])
def test_what_is_not_a_key(text: str) -> None:
    with pytest.raises(ValueError):
        Key.parse(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{URI}:1.4", "has no digest: a tag may name another image tomorrow"),
        (f"team/shop@{DIGEST}", "has no registry: expected HOST/NAME@sha256:…"),
        (f"{URI}@sha256:7f", "is not a valid digest"),
    ],
)
def test_what_cannot_be_deployed(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Deployed.parse(text)
    assert str(Deployed.parse(f"{URI}:1.4@{DIGEST}")) == IMAGE


@given(st.text(max_size=60) | st.text("[]{}:,&*!|>'\"-?\n\t #aimge", max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    for name in ("a.yaml", "a.json", "kustomization.yaml"):
        try:
            rendered = render(text, name, DEPLOYED, Choice())
        except ValueError as error:
            assert str(error)
        else:
            assert render(rendered.text, name, DEPLOYED, Choice()).edits == ()


NAMES = st.text("abcxyz-", min_size=1, max_size=6)
VALUES = st.sampled_from(["team/shop:1", "team/shop", f"{URI}:2", "nginx:1", "x/team/shop"]) | st.text(
    max_size=8
)


@given(
    containers=st.lists(
        st.fixed_dictionaries({"name": NAMES, "image": VALUES, "args": st.lists(VALUES)}), min_size=1
    ),
    flow=st.sampled_from([True, False, None]),
    style=st.sampled_from([None, "'", '"']),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_read_back_differs_in_the_images_alone(
    containers: list[dict[str, object]], flow: bool | None, style: str | None, ends: str
) -> None:
    document = {"spec": {"containers": containers}}
    text = yaml.safe_dump(document, default_flow_style=flow, default_style=style, allow_unicode=True)
    text = text.replace("\n", ends)
    document = yaml.safe_load(text)
    ours = {"team/shop:1", "team/shop", f"{URI}:2"}
    meant = [one for one in document["spec"]["containers"] if one["image"] in ours]
    try:
        rendered = render(text, "d.yaml", DEPLOYED, Choice())
    except ValueError:
        assert not meant
        return
    for one in meant:
        one["image"] = IMAGE
    assert yaml.safe_load(rendered.text) == document
