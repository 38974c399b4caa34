"""What can be seen of this machine: its folders, its time zones, the keys that lie on it.

Looks, and changes nothing. What cannot be looked at is told in words, never raised.
"""

import base64
import os
import shutil
import socket
import stat
import zoneinfo
from collections.abc import Iterable
from pathlib import Path

from newsletter import dkim
from newsletter.diagnosis.dkim import Key
from newsletter.diagnosis.machine import Leavers, Place
from newsletter.errors import ConfigError

# Zones of large countries: where they are known, all are.
_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Kolkata")
# An address of no machine (RFC 5737). Nothing is sent to it: the system only says which way it would go.
_AWAY = ("192.0.2.1", 9)
# Bytes of a file with a key; the largest of RSA has 13 KB.
_LARGEST_KEY = 100_000


def place(use: str, folder: Path) -> Place:
    """How a folder stands; of one that is not there yet, the folder above it that it would be made in."""
    standing = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    if not standing.is_dir():
        return Place(use, str(folder), trouble=f"{standing} is no folder")
    if not os.access(standing, os.W_OK | os.X_OK):
        return Place(use, str(folder), trouble=f"{standing} is not writable for this user")
    try:
        return Place(use, str(folder), free=shutil.disk_usage(standing).free)
    except OSError as error:
        return Place(use, str(folder), trouble=error.strerror or str(error))


def leavers(path: Path, *, network: str) -> Leavers:
    """How the file of readers who left stands. network: the kind of network file system that it is on."""
    try:
        mode = path.lstat()
    except FileNotFoundError:
        below = place("", path.parent).trouble
        missing = "" if path.parent.is_dir() else f"no folder {path.parent}"
        return Leavers(str(path), network=network, trouble=below or missing)
    except OSError as error:
        return Leavers(str(path), trouble=error.strerror or str(error))
    if not stat.S_ISREG(mode.st_mode):
        return Leavers(str(path), trouble="it is no file")
    if not os.access(path, os.R_OK | os.W_OK):
        return Leavers(str(path), trouble="this user cannot read and write it")
    return Leavers(str(path), waiting=mode.st_size, network=network)


def exposed(paths: Iterable[Path]) -> tuple[str, ...]:
    """Those of the files that other users of the machine can read."""
    return tuple(str(path) for path in paths if path.is_file() and path.stat().st_mode & stat.S_IROTH)


def missing_zones() -> tuple[str, ...]:
    """Time zones that this machine does not know and has to."""
    return tuple(name for name in _ZONES if not _is_zone(name))


def own_address() -> str:
    """The address that this machine sends from, "" for a machine without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(_AWAY)
        except OSError:
            return ""
        return str(asked.getsockname()[0])


def signing_key(domain: str, selector: str, path: Path) -> Key:
    """The public half of a key file, or why it cannot sign."""
    try:
        with path.open("rb") as file:
            pem = file.read(_LARGEST_KEY)
        dkim.Signer.of(domain, selector, pem)
    except OSError as error:
        problem = f"{path}: {error.strerror}; correct key_file, or make a key with: {dkim.MAKE}"
        return Key(domain, selector, trouble=problem)
    except ConfigError as error:
        return Key(domain, selector, trouble=str(error))
    return Key(domain, selector, *_public(pem))


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError):
        return False
    return True


def _public(pem: bytes) -> tuple[str, tuple[str, ...]]:
    """The kind of a key that can sign, and its public half in each form that a record may have it in."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    key = load_pem_private_key(pem, password=None)
    public = key.public_key()
    if isinstance(key, Ed25519PrivateKey):
        # The bare 32 bytes (RFC 8463 §4.2).
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return "ed25519", (base64.b64encode(raw).decode(),)
    # Both are in use: RFC 6376 §3.6.1 and its erratum 3017.
    forms = (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)
    encoded = (base64.b64encode(public.public_bytes(Encoding.DER, form)) for form in forms)
    return "rsa", tuple(one.decode() for one in encoded)
