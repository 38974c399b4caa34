"""The address of a PostgreSQL server, or of several of which one takes writes.

Owns how it is read, and how it is shown without its secrets. Connects to nothing.
"""

import re

from sqlalchemy import URL, make_url

# Several servers, as PostgreSQL's own programs take them: //USER@ONE:5432,OTHER:5433/NAME.
_SEVERAL = re.compile(
    r"(?P<head>[^:/]+://(?:[^@/?]*@)?)(?P<hosts>[^@/?]*,[^@/?]*)(?P<rest>(?:/[^?]*)?)(?P<query>\?.*)?"
)
# What of an address is nobody's business.
_SECRET = ("password", "sslpassword")


def address(url: str) -> URL:
    """The address for the driver. Raises: ArgumentError or ValueError for one that cannot be read."""
    found = _SEVERAL.fullmatch(url)
    if found:
        hosts = "&".join(f"host={one}" for one in found["hosts"].split(","))
        url = f"{found['head']}{found['rest']}{found['query'] or '?'}{'&' * bool(found['query'])}{hosts}"
    made = make_url(url).set(drivername="postgresql+psycopg")
    if "@" in (made.host or ""):
        # A part of a password that was not written as it should: a message about the host would show it.
        raise ValueError("@ in a host")
    return made


def shown(url: URL) -> str:
    """The address as text, without its passwords."""
    secrets = {name: "***" for name in _SECRET if name in url.query}
    plain = url.set(drivername=url.get_backend_name())
    return plain.update_query_dict(secrets).render_as_string(hide_password=True)
