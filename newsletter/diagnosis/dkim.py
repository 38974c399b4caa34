"""Whether receivers can check the signatures of mails.

Source: RFC 6376 §3.6.1, RFC 8463.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.diagnosis.answers import Answer, tags
from newsletter.diagnosis.checks import Check, Group, Level

# Characters of a string of a TXT record; a longer record stands in several.
_STRING = 255


@dataclass(frozen=True, slots=True)
class Key:
    """One signature of the configuration. kind: "rsa" or "ed25519".

    public: the public key in each form that a record may have it in, the usual one first; in base 64.
    trouble: why the key cannot be read, with the next step.
    """

    domain: str
    selector: str
    kind: str = ""
    public: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def name(self) -> str:
        """Where the record of the key stands."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """What the record of the key says."""
        return f"v=DKIM1; k={self.kind}; p={self.public[0]}"


def file_check(key: Key) -> Check:
    """Whether the private key of a signature can be used."""
    name = f"DKIM key {key.selector} of {key.domain}"
    if key.trouble:
        return Check(Level.PROBLEM, Group.CONFIGURATION, "dkim", name, key.trouble)
    return Check(Level.OK, Group.CONFIGURATION, "dkim", name, f"{key.kind}, can be read")


def signing_check(keys: Sequence[Key]) -> Check | None:
    """What is to be said where this program signs nothing; None where it does."""
    if keys:
        return None
    said = "no [[dkim]]: your server has to sign the mails, and whether it does is not seen from here"
    step = 'look for "dkim=pass" in the headers of a mail to yourself: newsletter send ISSUE --to ADDRESS'
    return Check(Level.SKIPPED, Group.CONFIGURATION, "dkim", "DKIM", said, step)


def record_check(key: Key, answer: Answer) -> Check:
    """Whether the record of a signature is there, and is that of its key. The key can be read."""
    level, said, step = _judged(key, answer)
    return Check(level, Group.DNS, "dkim", f"DKIM record {key.name}", said, step)


def _judged(key: Key, answer: Answer) -> tuple[Level, str, str]:
    publish = f"publish there as TXT: {_quoted(key.record)}"
    if answer.trouble:
        return Level.SKIPPED, f"could not be looked up: {answer.trouble}", ""
    if not answer.records:
        return Level.PROBLEM, "no record: receivers cannot check your signatures", publish
    if len(answer.records) > 1:
        said = f"{len(answer.records)} records: receivers may take the wrong one"
        return Level.PROBLEM, said, "leave one of them"
    found = tags(answer.records[0])
    if found.get("v", "DKIM1") != "DKIM1" or "p" not in found:
        return Level.PROBLEM, "what stands there is no DKIM record", publish
    if not found["p"]:
        return Level.PROBLEM, "the key is revoked: its p= is empty", f"make a new key, or {publish}"
    if found.get("k", "rsa").lower() != key.kind or found["p"].rstrip("=") not in _bare(key.public):
        said = "not the public key of key_file: no signature is valid"
        return Level.PROBLEM, said, f"name the key of this record in key_file, or {publish}"
    if "y" in found.get("t", "").split(":"):
        said = "the key of key_file, marked as a test (t=y): receivers may treat mails as not signed"
        return Level.WARNING, said, "take out t=y when your tests are done"
    return Level.OK, "the key of key_file", ""


def _bare(texts: Sequence[str]) -> set[str]:
    return {text.rstrip("=") for text in texts}


def _quoted(record: str) -> str:
    parts = [record[at : at + _STRING] for at in range(0, len(record), _STRING)]
    return " ".join(f'"{part}"' for part in parts)
