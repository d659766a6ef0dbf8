"""Prints how many certificate authorities this image trusts, and whether e-Tugra is one of them."""

import importlib.metadata
from pathlib import Path

import certifi

bundle = Path(certifi.where()).read_text(encoding="utf-8")
count = bundle.count("BEGIN CERTIFICATE")
tugra = "trusts" if "E-Tugra" in bundle else "does not trust"
print(f"certifi {importlib.metadata.version('certifi')}: {count} authorities; {tugra} e-Tugra")  # noqa: T201
