"""Keys of SAML peers, made for the test: a key and its certificate, in files as pysaml2 wants them."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class SamlKey:
    def __init__(self, folder, name):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        # A provider may have a clock that a test has set forward.
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
            .sign(key, hashes.SHA256())
        )
        self.key_file = str(Path(folder) / f"{name}.key.pem")
        self.cert_file = str(Path(folder) / f"{name}.pem")
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        Path(self.key_file).write_bytes(pem)
        Path(self.cert_file).write_bytes(certificate.public_bytes(Encoding.PEM))
        self.base64 = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
