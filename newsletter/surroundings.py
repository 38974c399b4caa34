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
from typing import TYPE_CHECKING

from newsletter.diagnosis.dkim import Key
from newsletter.diagnosis.machine import Leavers, Place

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# Zones of large countries: where they are known, all are.
_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Kolkata")
# An address of no machine (RFC 5737). Nothing is sent to it: the system only says which way it would go.
_AWAY = ("192.0.2.1", 9)
# Bits that a signature of RSA needs: receivers ask for 1024 at the least, and all take 2048 (RFC 8301 §3.2).
_RSA_BITS = 2048
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
    """The public half of a key file, or why it cannot be used."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        trouble = "signing needs a library; run: pip install 'cryptography>=43'"
        return Key(domain, selector, trouble=trouble)
    try:
        with path.open("rb") as file:
            key = load_pem_private_key(file.read(_LARGEST_KEY), password=None)
    except OSError as error:
        return Key(
            domain, selector, trouble=f"{path}: {error.strerror}; make it readable, or correct key_file"
        )
    # The library's own words would tell of what is in the file.
    except Exception:
        trouble = f"{path}: no private key in PEM without a password; see the README on how to make one"
        return Key(domain, selector, trouble=trouble)
    if isinstance(key, Ed25519PrivateKey):
        return Key(domain, selector, "ed25519", _of_ed25519(key))
    if not isinstance(key, RSAPrivateKey):
        return Key(domain, selector, trouble=f"{path}: neither RSA nor Ed25519; make a key of one of these")
    if key.key_size < _RSA_BITS:
        trouble = f"{path}: {key.key_size} bits are too few; make a key of {_RSA_BITS}"
        return Key(domain, selector, trouble=trouble)
    return Key(domain, selector, "rsa", _of_rsa(key))


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError):
        return False
    return True


def _of_ed25519(key: "Ed25519PrivateKey") -> tuple[str, ...]:
    # The bare 32 bytes (RFC 8463 §4.2).
    return (base64.b64encode(key.public_key().public_bytes_raw()).decode(),)


def _of_rsa(key: "RSAPrivateKey") -> tuple[str, ...]:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    # Both are in use: RFC 6376 §3.6.1 and its erratum 3017.
    forms = (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)
    public = key.public_key()
    return tuple(base64.b64encode(public.public_bytes(Encoding.DER, form)).decode() for form in forms)
