"""The settings of how mails leave: the server, the pace, the signatures."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, SecretStr, StringConstraints, model_validator

from newsletter.config.table import Table

# A domain of mail, in ASCII.
_DOMAIN = r"^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by what it is called."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class SmtpSettings(Table):
    """The server that takes mails: `[smtp]`."""

    host: Annotated[str, StringConstraints(pattern=r"^[\w.:-]*$", max_length=255)] = ""
    port: int = Field(default=587, ge=1, le=65535)
    user: str = ""
    password: SecretStr = SecretStr("")
    access_token: SecretStr = SecretStr("")
    security: Literal["starttls", "tls", "none"] = "starttls"
    timeout_s: FiniteFloat = Field(default=30.0, ge=0.1, le=600)

    @model_validator(mode="after")
    def _secret_on_the_way(self) -> Self:
        if self.security == "none" and self.host and not is_loopback(self.host):
            raise ValueError(
                'security = "none" is for a server on this machine only: on the way to another one anybody '
                'could read the mail and the password; use "starttls" or "tls"'
            )
        return self

    @model_validator(mode="after")
    def _whose_token(self) -> Self:
        if self.access_token.get_secret_value() and not self.user:
            raise ValueError(
                "a token logs somebody in; set smtp.user to the address that access_token is for"
            )
        return self


# A number of mails in a time, such as "14/s".
Rate = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,8}/(s|second|min|minute|hour|day)$")]


class DeliverySettings(Table):
    """How issues go to their readers: `[delivery]`."""

    backend: Literal["smtp", "maildir", "eml"] = "smtp"
    folder: Path = Path("outbox")
    connections: int = Field(default=20, ge=1, le=200)
    mails_per_connection: int = Field(default=500, ge=1, le=100_000)
    rate: Rate | Literal[""] = ""
    domain_rates: dict[Annotated[str, StringConstraints(to_lower=True, pattern=_DOMAIN)], Rate] = Field(
        default={}
    )
    ramp_up_minutes: int = Field(default=0, ge=0, le=100_000)
    retry_minutes: tuple[Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)], ...] = Field(
        default=(1, 5, 15, 60, 240), min_length=1, max_length=50
    )
    give_up_hours: float = Field(default=24, gt=0, le=1000, allow_inf_nan=False)
    answer_timeout_s: FiniteFloat = Field(default=300.0, ge=0.1, le=3600)
    end_timeout_s: FiniteFloat = Field(default=600.0, ge=0.1, le=3600)
    lease_s: FiniteFloat = Field(default=60.0, ge=0.5, le=3600)
    durable: bool = True


class DkimSettings(Table):
    """One signature that every mail of a domain carries: `[[dkim]]`."""

    domain: Annotated[str, StringConstraints(to_lower=True, pattern=_DOMAIN)]
    selector: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$")]
    key_file: Path
