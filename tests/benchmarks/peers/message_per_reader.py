"""Python's usual ways: python message_per_reader.py {smtplib,aiosmtplib} PORT CONNECTIONS MAILS FOLDER.

An EmailMessage is built for each reader. Prints the seconds of its sending.
"""

import asyncio
import itertools
import smtplib
import sys
import time
from email.message import EmailMessage
from pathlib import Path


def mail(number: int, text: str, html: str) -> EmailMessage:
    """The mail of one reader."""
    token = f"{number:07}"
    made = EmailMessage()
    made["From"] = "Paper Weekly <digest@news.example.org>"
    made["To"] = f"reader{number}@example.org"
    made["Subject"] = "Moraine, Longhouse and Skipstone lead 16 papers"
    made["Message-ID"] = f"<1.{token}@news.example.org>"
    made["List-Unsubscribe"] = f"<https://news.example.org/weekly/unsubscribe/{token}>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(text.replace("/preview", f"/{token}"))
    made.add_alternative(html.replace("/preview", f"/{token}"), subtype="html")
    return made


def by_smtplib(port: int, mails: int, text: str, html: str) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(mails):
            server.send_message(mail(number, text, html))


async def by_aiosmtplib(port: int, connections: int, mails: int, bodies: tuple[str, str]) -> None:
    import aiosmtplib  # type: ignore[import-not-found]

    numbers = itertools.count()

    async def lane() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as server:
            while (number := next(numbers)) < mails:
                await server.send_message(mail(number, *bodies))

    await asyncio.gather(*(lane() for _ in range(connections)))


def main() -> None:
    library, (port, connections, mails), folder = sys.argv[1], map(int, sys.argv[2:5]), Path(sys.argv[5])
    text, html = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("issue.txt", "issue.html"))
    began = time.perf_counter()
    if library == "smtplib":
        by_smtplib(port, mails, text, html)
    else:
        asyncio.run(by_aiosmtplib(port, connections, mails, (text, html)))
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
