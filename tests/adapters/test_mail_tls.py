"""E-mail over TLS: the certificate is checked before anything of ours is sent."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.adapters.test_mail import ALERT, Post, failure, notifier, serving


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate of 127.0.0.1, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = made.add_extension(alternative, critical=True).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    return context, tmp_path / "pem"


@pytest.mark.parametrize("how", ["starttls", "tls"])
def test_the_certificate_is_checked_before_the_password_is_sent(
    tls: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    account, post = {"user": "bot", "password": "right", "tls": how}, Post()
    with serving(post, authenticator=post.sign_in, **{"ssl_context" if how == "tls" else "tls_context": tls[0]}):
        assert failure(post.port, ALERT, **account) == ("unreachable", False)
        assert post.passwords == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tls[1]))
        notifier(post.port, **account).deliver(ALERT)
        assert (len(post.mails), post.passwords) == (1, [b"right"])
