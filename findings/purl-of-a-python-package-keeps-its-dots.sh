#!/bin/sh
# Packages: packageurl-python 0.17.6 and packaging 25.0 (PyPI).
# Expected: the canonical purl of a Python package has the canonical name that PyPI and pip use, so that one
#           project has one purl.
# Seen:     the purl turns capitals and underscores into the canonical form and leaves dots:
#           zope.interface, zope-interface and zope_interface are one project and two purls.
# Effect:   a scanner that reads the name from metadata ("zope.interface") and an advisory or a VEX statement
#           with the canonical name ("zope-interface") do not meet.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check packageurl-python==0.17.6 packaging==25.0
"$work/venv/bin/python" - <<'PY'
from packageurl import PackageURL
from packaging.utils import canonicalize_name
names = ("zope.interface", "zope-interface", "Zope_Interface")
purls = [PackageURL("pypi", None, name).to_string() for name in names]
print("packaging:", sorted({canonicalize_name(name) for name in names}))
print("packageurl:", sorted(set(purls)))
assert {canonicalize_name(name) for name in names} == {"zope-interface"}, "packaging has changed"
assert set(purls) == {"pkg:pypi/zope.interface", "pkg:pypi/zope-interface"}, "packageurl has changed"
PY
echo "as recorded"
