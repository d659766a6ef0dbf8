#!/bin/sh
# Packages: PyYAML 6.0.4 and ruamel.yaml 0.19.1 (PyPI), js-yaml 5.5.0 and yaml 2.9.1 (npm).
# Expected: `yaml.safe_dump` puts quotes around a string that another reader would take for something else; what is a
#           string in Python is one in the tool that reads the values of a chart or the parameters of a stack.
# Seen:     it quotes what it would misread itself, by rules of its own: whole and decimal numbers, yes and on. The
#           commit 1234e56 and the account 012345678901 get none, and the other three, which read YAML 1.2, take them for
#           1.234e+59 and 12345678901. The other way round, ruamel.yaml writes `on` and `22:22` without quotes, which
#           PyYAML reads as true and 1342.
# Effect:   a job that writes the short commit as an image's tag deploys well a hundred times, and then asks for an image
#           `1.234e+59`: of the hashes of seven digits, one in fifty is such a number. For an account that begins with a
#           zero, names are built without it.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyyaml==6.0.4 ruamel.yaml==0.19.1
npm install --silent --no-audit --no-fund js-yaml@5.5.0 yaml@2.9.1 >npm.log 2>&1
cat >write.py <<'PY'
import yaml
from ruamel.yaml import YAML

with open("pyyaml.yaml", "w") as file:
    yaml.safe_dump({"tag": "1234e56", "account": "012345678901", "version": "1.10", "answer": "on"}, file, sort_keys=False)
with open("ruamel.yaml", "w") as file:
    YAML().dump({"answer": "on", "ports": "22:22", "version": "1.10"}, file)
print("PyYAML writes", open("pyyaml.yaml").read().split("\n")[:-1])
print("ruamel.yaml reads", dict(YAML(typ="safe", pure=True).load(open("pyyaml.yaml"))))
print("ruamel.yaml writes", open("ruamel.yaml").read().split("\n")[:-1])
print("PyYAML reads", yaml.safe_load(open("ruamel.yaml")))
PY
cat >read.mjs <<'JS'
import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import { parse } from "yaml";
const text = readFileSync("pyyaml.yaml", "utf8");
console.log("js-yaml reads", JSON.stringify(load(text)));
console.log("yaml reads", JSON.stringify(parse(text)));
JS
{ venv/bin/python write.py; node read.mjs; } >seen
cat seen
[ "$(cat seen)" = "PyYAML writes ['tag: 1234e56', 'account: 012345678901', \"version: '1.10'\", \"answer: 'on'\"]
ruamel.yaml reads {'tag': 1.234e+59, 'account': 12345678901, 'version': '1.10', 'answer': 'on'}
ruamel.yaml writes ['answer: on', 'ports: 22:22', \"version: '1.10'\"]
PyYAML reads {'answer': True, 'ports': 1342, 'version': '1.10'}
js-yaml reads {\"tag\":1.234e+59,\"account\":12345678901,\"version\":\"1.10\",\"answer\":\"on\"}
yaml reads {\"tag\":1.234e+59,\"account\":12345678901,\"version\":\"1.10\",\"answer\":\"on\"}" ] ||
  { echo "the behaviour has changed"; exit 1; }
