"""Text → the one address that it is, in the forms that tell two of them apart.

Owns which addresses can be written to. Looks nothing up: whether a mailbox is there, its confirmation tells.
"""

from email_validator import EmailNotValidError, validate_email

from newsletter.model import Recipient

# Characters; no address has more (RFC 5321 §4.5.3.1.3), and text that is read at all is bounded.
_MOST = 320


def recipient(text: str) -> Recipient:
    """The address, as it was written but with its domain in ASCII. Raises: ValueError, in a reader's words.

    Letters other than ASCII may stand in the domain, not before the @: many a server takes none (RFC 6531).
    """
    if len(text) > _MOST:
        raise ValueError("an address has at most 254 characters")
    try:
        found = validate_email(
            text.strip(),
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=True,
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    domain = found.ascii_domain.lower()
    folded = f"{found.local_part.lower()}@{domain}"
    # What follows a plus is its owner's own business at most servers: one person, one mail.
    mailbox = folded.partition("@")[0].partition("+")[0] or folded.partition("@")[0]
    return Recipient(address=f"{found.local_part}@{domain}", folded=folded, canonical=f"{mailbox}@{domain}")


def shown(address: str) -> str:
    """The address for people: its domain in its own letters."""
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        return address


def masked(address: str) -> str:
    """As much of the address as its owner knows it by, and nobody learns it from: a…@example.org."""
    local, _, domain = shown(address).rpartition("@")
    return f"{local[:1]}…@{domain}"
