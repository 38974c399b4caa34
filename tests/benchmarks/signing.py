#!/usr/bin/env python3
"""How many mails a second are spliced and signed, beside dkimpy and the bare signature of the library.

usage: python -m tests.benchmarks.signing [--rounds N]

A mail of about 70 KB. dkimpy signs the same mail with the same fields; the bare signature is `sign` of the
library `cryptography`, without which nobody signs. All in turn, round after round, in time of the processor;
the medians and their ratios are printed. Exits with 1 where RSA of 2048 bits signs neither 700 mails a second
nor in 1.15 times what the bare signature and one SHA-256 of the body take, which nobody can leave out.
"""

import argparse
import statistics
import sys
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import dkim as dkimpy  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from newsletter import dkim
from newsletter.wire import WireTemplate
from tests.benchmarks.splicing import setup, timed
from tests.signatures import DOMAIN, Published, ed25519_key, rsa_key, verified

GOAL, OVERHEAD = 700, 1.15
# Mails of each in one round.
MAILS, THEIRS = 500, 20


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--rounds", type=int, default=7)
    rounds = arguments.parse_args().rounds
    return max(measured(key, rounds) for key in (rsa_key(), ed25519_key()))


def measured(key: Published, rounds: int) -> int:
    made = setup()
    template = WireTemplate.of(made.pattern(), signers=[key.signer])
    unsigned = WireTemplate.of(made.pattern())
    reader = made.reader("ada@example.net", bytes(range(16)))
    mail = unsigned.splice(reader)
    if not verified(template.splice(reader), key):
        sys.exit("dkimpy does not verify what is signed")
    ways: dict[str, tuple[Callable[[int], object], int]] = {
        "spliced and signed": (lambda _: template.splice(reader), MAILS),
        "spliced alone": (lambda _: unsigned.splice(reader), MAILS),
        "bare signature": (bare(key), MAILS),
        "SHA-256 of the body": (lambda _: sha256(mail).digest(), MAILS),
        "dkimpy": (theirs(key, mail), THEIRS),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (work, times) in ways.items():
            taken[name].append(timed(work, times))
    medians = {name: statistics.median(values) for name, values in taken.items()}
    ours = medians["spliced and signed"]
    print(f"{key.signer.algorithm}, {len(mail) / 1e3:.0f} KB")
    for name, median in medians.items():
        print(f"  {name:20} {median:9.1f} µs  {1e6 / median:9.0f}/s   ours is {ours / median:.3f} of it")
    least = medians["bare signature"] + medians["SHA-256 of the body"]
    rest = ours - medians["bare signature"]
    print(f"  what is not signature: {rest:.1f} µs   ours is {ours / least:.2f} of the least possible")
    return int(key is rsa_key() and 1e6 / ours < GOAL and ours / least > OVERHEAD)


def bare(key: Published) -> Callable[[int], object]:
    private, text = load_pem_private_key(key.pem, None), b"x" * 900
    if isinstance(private, RSAPrivateKey):
        rsa, padding, digest = private, PKCS1v15(), SHA256()
        return lambda _: rsa.sign(text, padding, digest)
    assert isinstance(private, Ed25519PrivateKey)
    return lambda _: private.sign(text[:32])


def theirs(key: Published, mail: bytes) -> Callable[[int], object]:
    names = [name.lower().encode() for name in dkim.SIGNED]
    return lambda _: dkimpy.sign(
        mail,
        key.selector.encode(),
        DOMAIN.encode(),
        as_dkimpy_takes_it(key),
        canonicalize=(b"relaxed", b"relaxed"),
        signature_algorithm=key.signer.algorithm.encode(),
        include_headers=names,
    )


def as_dkimpy_takes_it(key: Published) -> bytes:
    private = load_pem_private_key(key.pem, None)
    if isinstance(private, Ed25519PrivateKey):
        return b64encode(private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    return private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


if __name__ == "__main__":
    sys.exit(main())
