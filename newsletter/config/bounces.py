"""The settings of the mailbox that reports come back to: `[bounces]`."""

from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, SecretStr, StringConstraints, model_validator

from newsletter.config.delivery import is_loopback
from newsletter.config.table import Table


class BouncesSettings(Table):
    """The mailbox that `newsletter bounces import --imap` reads."""

    imap_host: Annotated[str, StringConstraints(pattern=r"^[\w.:-]*$", max_length=255)] = ""
    imap_port: int = Field(default=993, ge=1, le=65535)
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_folder: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=500)] = "INBOX"
    security: Literal["tls", "starttls", "none"] = "tls"
    timeout_s: FiniteFloat = Field(default=60.0, ge=0.1, le=600)

    @model_validator(mode="after")
    def _secret_on_the_way(self) -> Self:
        if self.security == "none" and self.imap_host and not is_loopback(self.imap_host):
            raise ValueError(
                'security = "none" is for a server on this machine only: on the way to another one anybody '
                'could read the mails and the password; use "tls" or "starttls"'
            )
        return self
