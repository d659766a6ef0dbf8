"""Sigstore on this machine, as cosign sees it: a certificate authority and an authority for time stamps.

The certificate names the workflow of the token, and lasts ten minutes. There is no transparency log.
"""

from __future__ import annotations

import base64
import json
import subprocess
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from ecr_push.signing.identity import identity_of

ISSUER = "https://token.actions.githubusercontent.com"
WORKFLOW = "acme/app/.github/workflows/release.yml@refs/heads/main"
IDENTITY = f"https://github.com/{WORKFLOW}"
# https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md: the issuer, as text and in DER.
_ISSUER = ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_ISSUER_IN_DER = ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_STAMPS = """\
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
certs = {folder}/root.pem
signer_digest = sha256
ess_cert_id_alg = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
"""


def token(**claims: object) -> str:
    """A token as a job gets it, without a signature."""
    parts = ({"alg": "RS256"}, {"iss": ISSUER, "job_workflow_ref": WORKFLOW, **_times(), **claims}, {})
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts)


def _times() -> Mapping[str, object]:
    return {"sub": "repo:acme/app:ref:refs/heads/main", "aud": "sigstore", "exp": time.time() + 300}


class Sigstore:
    """Serves on 127.0.0.1. config, root: what cosign needs to know of it. refused: it issues nothing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.config, self.root = folder / "signing-config.json", folder / "trusted-root.json"
        self.refused = False
        self.issued = 0
        self._folder = folder
        self._authority, self._stamps = _Authority("certificates"), _Authority("time stamps")
        signer = ec.generate_private_key(ec.SECP256R1())
        stamper = self._stamps.issue(
            signer.public_key(),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
            subject=_name("stamper"),
        )
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
        plain = serialization.NoEncryption()
        (folder / "signer.key").write_bytes(signer.private_bytes(encoding, form, plain))
        (folder / "signer.pem").write_bytes(stamper.public_bytes(encoding))
        (folder / "root.pem").write_bytes(self._stamps.certificate.public_bytes(encoding))
        (folder / "serial").write_text("01\n")
        (folder / "tsa.conf").write_text(_STAMPS.format(folder=folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        chains = {url: [self._authority.certificate], f"{url}/stamp": [stamper, self._stamps.certificate]}
        self.config.write_text(json.dumps(_config(url)))
        self.root.write_text(
            json.dumps(_root(*(_chain(at, certificates) for at, certificates in chains.items())))
        )

    def certify(self, authorization: str, asked: Mapping[str, Any]) -> bytes:
        """Answer a request for a certificate. It does not verify the token: nothing here could."""
        self.issued += 1
        who = identity_of(authorization.removeprefix("Bearer "))
        key = serialization.load_pem_public_key(asked["publicKeyRequest"]["publicKey"]["content"].encode())
        issuer = who.issuer.encode()
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(who.name)])
        found = self._authority.issue(
            key,
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False),
            (names, True),
            (x509.UnrecognizedExtension(_ISSUER, issuer), False),
            (x509.UnrecognizedExtension(_ISSUER_IN_DER, bytes([12, len(issuer)]) + issuer), False),
        )
        chain = [found, self._authority.certificate]
        pem = [one.public_bytes(serialization.Encoding.PEM).decode() for one in chain]
        return json.dumps({"signedCertificateEmbeddedSct": {"chain": {"certificates": pem}}}).encode()

    def stamp(self, request: bytes) -> bytes:
        """Answer a request for a time stamp: RFC 3161, by openssl."""
        (self._folder / "query").write_bytes(request)
        argv = ["openssl", "ts", "-reply", "-config", "tsa.conf", "-queryfile", "query", "-out", "reply"]
        subprocess.run(argv, cwd=self._folder, check=True, capture_output=True)
        return (self._folder / "reply").read_bytes()

    def __enter__(self) -> Sigstore:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Authority:
    """Issues certificates. certificate: its own, which it signed itself."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        own = self._builder(self._key.public_key(), self._name, timedelta(days=1))
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        own = own.add_extension(usage, critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        self.certificate = own.add_extension(identifier, critical=False).sign(self._key, hashes.SHA256())

    def issue(
        self, key: Any, *extensions: tuple[x509.ExtensionType, bool], subject: x509.Name | None = None
    ) -> x509.Certificate:
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        made = self._builder(key, subject or x509.Name([]), timedelta(minutes=10))
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        for extension, critical in ((usage, True), (issuer, False), *extensions):
            made = made.add_extension(extension, critical=critical)
        return made.sign(self._key, hashes.SHA256())

    def _builder(self, key: Any, subject: x509.Name, life: timedelta) -> x509.CertificateBuilder:
        now = datetime.now(timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + life)
        )


def _name(text: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "sigstore.example")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _handler(owner: Sigstore) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if owner.refused:
                status, answer = 400, b'{"message": "the token is not accepted"}'
            elif self.path == "/stamp":
                status, answer = 200, owner.stamp(body)
            else:
                status, answer = 200, owner.certify(self.headers["Authorization"], json.loads(body))
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None: ...

    return Handler


_ALWAYS = {"start": "2020-01-01T00:00:00Z"}


def _config(url: str) -> dict[str, object]:
    def service(at: str) -> list[dict[str, object]]:
        return [{"url": at, "majorApiVersion": 1, "validFor": _ALWAYS, "operator": "example"}]

    return {
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": service(url),
        "tsaUrls": service(f"{url}/stamp"),
        "tsaConfig": {"selector": "ANY"},
        "rekorTlogConfig": {},
    }


def _root(authority: dict[str, object], stamps: dict[str, object]) -> dict[str, object]:
    return {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "certificateAuthorities": [authority],
        "timestampAuthorities": [stamps],
    }


def _chain(at: str, certificates: list[x509.Certificate]) -> dict[str, object]:
    der = [one.public_bytes(serialization.Encoding.DER) for one in certificates]
    raw = [{"rawBytes": base64.b64encode(one).decode()} for one in der]
    return {
        "subject": {"organization": "example", "commonName": "example"},
        "uri": at,
        "certChain": {"certificates": raw},
        "validFor": _ALWAYS,
    }
