"""certifi, as the SDK and requests ask for it: this machine's certificates, else those that certifi ships.

The user's own settings come before it: AWS_CA_BUNDLE, ca_bundle of a profile, REQUESTS_CA_BUNDLE.
"""

import os
import ssl

__all__ = ["contents", "where"]

# Where systems keep all certificates in one file, whatever this Python was compiled for:
# https://github.com/golang/go/blob/master/src/crypto/x509/root_linux.go
_SYSTEM = (
    "etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine
    "etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL, Amazon Linux
    "etc/ssl/ca-bundle.pem",  # SUSE
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # RHEL, where nothing links to it
    "etc/ssl/cert.pem",  # Alpine, macOS
)


def where() -> str:
    """Return the path of a file of certificates. SSL_CERT_FILE names another one, as everywhere."""
    named = ssl.get_default_verify_paths().cafile
    if named and _has_content(named):
        return named
    return system("/") or os.path.join(os.path.dirname(__loader__.archive), "cacert.pem")


def system(root: str) -> "str | None":
    """Return the path of the file of a system's certificates, by the folder that is its root."""
    return next((path for name in _SYSTEM if _has_content(path := os.path.join(root, name))), None)


def _has_content(path: str) -> bool:
    """Without its package of certificates a slim image may have an empty file, or a link to none."""
    return os.path.isfile(path) and os.path.getsize(path) > 0 and os.access(path, os.R_OK)


def contents() -> str:
    """Return that file's text. Comments between its certificates are names in many languages."""
    with open(where(), encoding="utf-8", errors="replace") as file:
        return file.read()
