"""certifi, as the SDK and requests ask for it: this machine's certificates, else those that certifi ships.

The user's own settings come before it: AWS_CA_BUNDLE, ca_bundle of a profile, REQUESTS_CA_BUNDLE.
"""

import os
import ssl

__all__ = ["contents", "where"]

# Where distributions keep all certificates in one file, whatever this Python was compiled for:
# https://github.com/golang/go/blob/master/src/crypto/x509/root_linux.go
_SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL, Amazon Linux
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # RHEL
    "/etc/ssl/cert.pem",  # Alpine, macOS
)


def where() -> str:
    """Return the path of a file of certificates. SSL_CERT_FILE names another one, as everywhere."""
    named = ssl.get_default_verify_paths().cafile
    found = next((path for path in (named, *_SYSTEM) if path and os.path.isfile(path)), None)
    return found or os.path.join(os.path.dirname(__loader__.archive), "cacert.pem")


def contents() -> str:
    with open(where(), encoding="ascii") as file:
        return file.read()
