"""Keys that sign mails, and the DNS in which dkimpy finds what verifies them."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache

import dkim as dkimpy  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from newsletter.dkim import Signer

DOMAIN = "news.example.org"


@dataclass(frozen=True)
class Published:
    """A key and its record. selector: its name in DNS."""

    selector: str
    pem: bytes
    record: str

    @property
    def signer(self) -> Signer:
        return Signer.of(DOMAIN, self.selector, self.pem)


@cache
def rsa_key(bits: int = 2048) -> Published:
    key = rsa.generate_private_key(65537, bits)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Published(f"rsa{bits}", pem(key), f"v=DKIM1; k=rsa; p={b64encode(public).decode()}")


@cache
def ed25519_key() -> Published:
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Published("ed", pem(key), f"v=DKIM1; k=ed25519; p={b64encode(public).decode()}")


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def verified(mail: bytes, *keys: Published) -> bool:
    """Whether dkimpy verifies a signature of each key, from the top, and finds no other."""
    records = {f"{key.selector}._domainkey.{DOMAIN}.".encode(): key.record.encode() for key in keys}
    read = dkimpy.DKIM(mail)
    found = [name for name, _ in read.headers if name.lower() == b"dkim-signature"]
    try:
        return len(found) == len(keys) and all(
            read.verify(idx=at, dnsfunc=lambda name, timeout: records[name]) for at, _ in enumerate(keys)
        )
    except dkimpy.ValidationError:
        return False
