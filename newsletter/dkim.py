"""Signatures of mails (DKIM): who answers for a mail, in a field on top of it.

Owns which fields are signed, what they and the body are canonically, and the keys that sign. Reads no file
and no clock, and asks no DNS. A signature covers all of the body, and its time is the Date of the mail: the
same mail gets the same bytes each time. The library `cryptography` is loaded with the first key.
Source: RFC 6376, RFC 8301 (RSA of 2048 bits, SHA-256), RFC 8463 (Ed25519).
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import NamedTuple, Self

from newsletter.errors import ConfigError

# Fields that a signature covers, where a mail has them: both of one-click leaving, too (RFC 8058 §4).
SIGNED = (
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive", "List-Help"),
)
# Named once more than a mail has it: then nobody can put a second one above it (RFC 6376 §8.15).
_NO_OTHER = "From"
# Bits of RSA keys that every receiver takes (RFC 8301 §3.2).
_LEAST_BITS, _MOST_BITS = 2048, 4096
# Makes a key that every receiver takes.
MAKE = "openssl genrsa -out dkim.pem 2048"
_MAKE_ONE = f"make one with: {MAKE}"
# Characters of a folded line, without its end, and of a signature in one, behind its space.
_LINE, _PIECE = 76, 72

_FOLDS = re.compile(rb"\r\n(?=[ \t])")
_SPACES = re.compile(rb"[ \t]+")
_SPACE_AT_END = re.compile(rb" (?=\r\n|\Z)")
_LINES_AT_END = re.compile(rb"(?:\r\n)*\Z")


class Head(NamedTuple):
    """What is signed of a mail's head. names: of those fields. at: its Date, in seconds of Unix time."""

    names: tuple[str, ...]
    canonical: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs for a domain. selector: which of its keys, in DNS. algorithm: as DKIM names it."""

    domain: str
    selector: str
    algorithm: str
    _signature: Callable[[bytes], bytes] = field(repr=False)

    @classmethod
    def of(cls, domain: str, selector: str, pem: bytes) -> Self:
        """The signer with that private key, RSA or Ed25519. Raises: ConfigError for any other."""
        return cls(domain, selector, *_signing(pem, f"the key of dkim {selector}._domainkey.{domain}"))

    def sign(self, head: Head, body_digest: bytes) -> bytes:
        """The field DKIM-Signature, with its CRLF. body_digest: SHA-256 of the canonical body."""
        unsigned = self._unsigned(head, body_digest)
        # Its own field is signed last, without a value of b= and without its end (RFC 6376 §3.7).
        signature = b64encode(self._signature(head.canonical + canonical_field(unsigned)))
        pieces = (signature[at : at + _PIECE] for at in range(0, len(signature), _PIECE))
        return unsigned + b"\r\n ".join(pieces) + b"\r\n"

    def _unsigned(self, head: Head, body_digest: bytes) -> bytes:
        tags = (
            f"DKIM-Signature: v=1; a={self.algorithm}; c=relaxed/relaxed; t={head.at};",
            f"d={self.domain};",
            f"s={self.selector};",
            *_folded_names((*head.names, _NO_OTHER)),
            f"bh={b64encode(body_digest).decode()};",
            "b=",
        )
        return "\r\n ".join(tags).encode()


def signed(mail: bytes, signers: Sequence[Signer]) -> bytes:
    """The whole mail with the signatures of all signers on top; each covers what was there without them."""
    head, _, body = mail.partition(b"\r\n\r\n")
    if not signers:
        return mail
    signed_head, digest = canonical_head(head + b"\r\n"), sha256(canonical_body(body)).digest()
    return b"".join([*(signer.sign(signed_head, digest) for signer in signers), mail])


def answering(signers: Sequence[Signer], sender: str) -> tuple[Signer, ...]:
    """Those signers that answer for mail from that address: of its domain, or of one above or below it.

    Source: RFC 7489 §3.1.1 (a signature counts for DMARC where both have one organisation's domain).
    """
    domain = f".{sender.rpartition('@')[2].lower()}"
    return tuple(one for one in signers if domain.endswith(f".{one.domain}") or one.domain.endswith(domain))


def canonical_head(head: bytes) -> Head:
    """What is signed of a head, whose fields all end with CRLF; of fields that it has twice, the lower one.

    Source: RFC 6376 §3.4.2, §5.4.2.
    """
    lines = _FOLDS.sub(b"", head).split(b"\r\n")[:-1]
    fields = {name.rstrip().lower(): line for line in lines for name in [line.partition(b":")[0]]}
    found = {name: fields[key] for name in SIGNED if (key := name.lower().encode()) in fields}
    canonical = b"".join(canonical_field(line) + b"\r\n" for line in found.values())
    return Head(tuple(found), canonical, int(parsedate_to_datetime(_value(fields[b"date"])).timestamp()))


def canonical_field(field: bytes) -> bytes:
    """A field in one line, its name in small letters, with single spaces; without its end."""
    name, _, value = _FOLDS.sub(b"", field).partition(b":")
    return name.rstrip().lower() + b":" + _SPACES.sub(b" ", value).strip()


def canonical_body(body: bytes) -> bytes:
    """A body with single spaces, with none at the end of a line, and without empty lines at its end.

    Source: RFC 6376 §3.4.4.
    """
    single = _SPACE_AT_END.sub(b"", _SPACES.sub(b" ", body))
    return _LINES_AT_END.sub(b"\r\n", single, count=1) if single.strip(b"\r\n") else b""


def _value(line: bytes) -> str:
    return line.partition(b":")[2].decode().strip()


def _folded_names(names: Sequence[str]) -> Iterator[str]:
    """The tag h= in lines that fit."""
    line = f"h={names[0]}"
    for name in names[1:]:
        # What comes behind it, and the space before the line.
        if len(line) + len(name) + 3 > _LINE:
            yield f"{line}:"
            line = name
        else:
            line += f":{name}"
    yield f"{line};"


def _signing(pem: bytes, what: str) -> tuple[str, Callable[[bytes], bytes]]:
    """The algorithm of a key, as DKIM names it, and what signs a text with it. what: for messages."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
    except ImportError as error:
        raise ConfigError(f"{what} needs a library: pip install 'cryptography>=43'") from error
    key = _private_key(pem, what)
    if isinstance(key, Ed25519PrivateKey):
        return "ed25519-sha256", lambda text: key.sign(sha256(text).digest())
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(
            f"{what} is neither RSA nor Ed25519, and mails can be signed by no other; {_MAKE_ONE}"
        )
    if not _LEAST_BITS <= key.key_size <= _MOST_BITS:
        raise ConfigError(
            f"{what} has {key.key_size} bits, and receivers take {_LEAST_BITS} to {_MOST_BITS}; {_MAKE_ONE}"
        )
    padding, digest = PKCS1v15(), SHA256()
    return "rsa-sha256", lambda text: key.sign(text, padding, digest)


def _private_key(pem: bytes, what: str) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(pem, None)
    except TypeError as error:
        raise ConfigError(
            f"{what} is locked by a password; write it without one, for this program's user alone to read: "
            "openssl pkey -in LOCKED.pem -out dkim.pem"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"{what} is no private key in PEM; {_MAKE_ONE}") from error
