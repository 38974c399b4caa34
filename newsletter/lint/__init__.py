"""What would go wrong in a reader's mail client, found before anybody is mailed.

Looks at a finished issue, at a page or at the bytes of a mail, and says what it sees and where; changes
nothing and asks no other program. RULES is the table of all it watches: each rule is one function, in the
file of the part that it looks at. A row of `support.FEATURES` is one thing that some client does not know.
"""

from newsletter.lint import contrast, parts
from newsletter.lint.mail import Mail, Rule, findings
from newsletter.lint.rules import RULES
from newsletter.model import Finding, RenderedIssue

__all__ = ["RULES", "Rule", "check", "check_mail", "check_page", "unpacked"]


def check(rendered: RenderedIssue, mail: bytes | None = None) -> tuple[Finding, ...]:
    """Everything found in an issue, by rule and then by place; nothing where it is in order.

    mail: the whole mail that carries it, where its headers are looked at too.
    """
    return _checked(Mail(rendered.subject, rendered.preheader, rendered.html, rendered.text, mail))


def check_mail(mail: bytes) -> tuple[Finding, ...]:
    """Everything found in the bytes of a mail.

    Places are those of its decoded bodies (`unpacked`), and for its headers those of the whole mail.
    """
    wire = parts.unpack(mail)
    return _checked(Mail(wire.subject, None, wire.body("text/html"), wire.body("text/plain"), mail))


def check_page(html: str, text: str | None = None) -> tuple[Finding, ...]:
    """Everything found in a page, and in its plain text where that is given."""
    return _checked(Mail(html=html, text=text))


def unpacked(mail: bytes) -> RenderedIssue:
    """The subject, the preheader and the bodies of a mail, "" for what it has not."""
    wire = parts.unpack(mail)
    html, text = wire.body("text/html"), wire.body("text/plain")
    return RenderedIssue(wire.subject, contrast.preheader(Mail(html=html)) or "", html or "", text or "")


def _checked(mail: Mail) -> tuple[Finding, ...]:
    if mail.preheader is None:
        mail.preheader = contrast.preheader(mail)
    return tuple(finding for rule in RULES for finding in findings(rule, mail))
