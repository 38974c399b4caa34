"""Make the README's picture of the desk from the bundled sample, in Chromium: two views of a mail, edits.

usage: python -m tests.picture_of_desk      needs newsletter[test] and chromium; writes .github/desk.png
"""

import base64
import os
import struct
import tempfile
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests import desk
from tests.browser import OPTIONS

PICTURE = Path(__file__).parents[1] / ".github" / "desk.png"
CONFIG = '[lists.weekly]\ntitle = "Paper Weekly"\nsender = "Paper Weekly <digest@news.example.org>"\n'
# What an editor does before the picture is taken, by its keys.
KEYS = ("j", "j", "p", "j", "d", "k", "o")


# The square of a distance between colours that an eye sees in one pixel.
DIFFERENT = 600

# Draws a PNG and gives its width, its height and its pixels, four bytes each.
DRAW = """async data => {
  const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + data)).blob());
  const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  pen.drawImage(picture, 0, 0);
  const bytes = pen.getImageData(0, 0, picture.width, picture.height).data;
  const pieces = [];
  for (let at = 0; at < bytes.length; at += 9999)
    pieces.push(String.fromCharCode(...bytes.slice(at, at + 9999)));
  return [picture.width, picture.height, btoa(pieces.join(""))];
}"""


def main() -> None:
    chromium = os.environ.get("NEWSLETTER_TEST_CHROMIUM", "/usr/bin/chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        desk.opened(Path(folder), config=CONFIG) as shown,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium, args=list(OPTIONS))
        page = browser.new_page(viewport={"width": 1360, "height": 850})
        page.goto(shown.address)
        page.locator(".pane[data-version]").wait_for()
        for key in KEYS:
            page.keyboard.press(key)
            page.wait_for_timeout(700)
        page.keyboard.press("b")
        for views in page.locator(".pane").all():
            views.get_by_role("radio", name="375").check()
        page.mouse.move(700, 10)
        # The line of the status goes by itself, and what flashed is as before.
        page.wait_for_timeout(7000)
        page.evaluate("document.activeElement.blur()")
        screen = page.screenshot()
        PICTURE.write_bytes(in_few_colors(*pixels(browser.new_page(), screen)))
        browser.close()
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} KB")


def pixels(page: Any, png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height, and the red, green and blue of each pixel of a picture."""
    width, height, drawn = page.evaluate(DRAW, base64.b64encode(png).decode())
    data = base64.b64decode(drawn)
    return width, height, [data[at : at + 3] for at in range(0, len(data), 4)]


def in_few_colors(width: int, height: int, colors: list[bytes]) -> bytes:
    """The picture as a PNG of 256 colours: the frequent ones, and what is like none of them."""
    palette: list[bytes] = []
    number: dict[bytes, int] = {}
    for color, _ in Counter(colors).most_common():
        apart = [sum((a - b) ** 2 for a, b in zip(color, known, strict=True)) for known in palette]
        nearest = min(apart, default=DIFFERENT)
        if len(palette) < 96 or (len(palette) < 256 and nearest >= DIFFERENT):
            number[color] = len(palette)
            palette.append(color)
        else:
            number[color] = apart.index(nearest)
    indexed = bytes(number[color] for color in colors)
    rows = b"".join(b"\0" + indexed[at : at + width] for at in range(0, len(indexed), width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", b"".join(palette)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    framed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


if __name__ == "__main__":
    main()
