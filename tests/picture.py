"""Make the README's picture of each look from the bundled sample, in Chromium: one half light, one dark.

usage: python -m tests.picture      needs newsletter installed and chromium; writes the PICTURES to .github

A picture records which page it shows (a PNG text chunk "page" with the SHA-256 of the HTML), so that a
test can tell when the look has moved on and the picture has not.
"""

import hashlib
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import NamedTuple

from tests.browser import OPTIONS

FOLDER = Path(__file__).parents[1] / ".github"
# CSS pixels of the window in which a mail is shown.
WIDTH = 660
# Pixels of the halves per CSS pixel: scaled down again in the picture, which makes the letters smooth.
SCALE = 1.5


class Picture(NamedTuple):
    """One picture of a look. height, dark_from: CSS pixels of the mail. width: pixels of each half."""

    look: str
    file: Path
    height: int
    dark_from: int
    width: int = WIDTH

    def page(self, folder: Path) -> bytes:
        """The HTML that it shows, as the look makes it today from the sample."""
        command = [sys.executable, "-m", "newsletter", "render", "--date", "2026-01-06", "--look", self.look]
        subprocess.run([*command, "--out", str(folder)], check=True, capture_output=True, cwd=folder)
        return (folder / "issue.html").read_bytes()


PICTURES = (
    Picture("default", FOLDER / "issue.png", 900, dark_from=752),  # at the first theme
    Picture("compact", FOLDER / "compact.png", 553, dark_from=1147, width=500),  # at the third
)


def main() -> None:
    for picture in PICTURES:
        with tempfile.TemporaryDirectory() as folder:
            make(picture, Path(folder))
        print(f"{picture.file}: {picture.file.stat().st_size / 1000:.0f} KB")


def make(picture: Picture, out: Path) -> None:
    page = picture.page(out)
    halves = []
    for scheme, top in (("light", 0), ("dark", picture.dark_from)):
        half = out / f"{scheme}.png"
        shot(out, out / "issue.html", half, scheme=scheme, height=top + picture.height, scale=SCALE)
        margin = -round(top * picture.width / WIDTH)
        halves.append(f'<img src="{half.name}" width="{picture.width}" style="margin-top:{margin}px">')
    style = "margin:0;display:flex;align-items:flex-start;overflow:hidden"
    (out / "both.html").write_text(f'<body style="{style}">{"".join(halves)}', encoding="utf-8")
    height = picture.height * picture.width // WIDTH
    shot(out, out / "both.html", out / "both.png", width=2 * picture.width, height=height)
    picture.file.write_bytes(labelled((out / "both.png").read_bytes(), hashlib.sha256(page).hexdigest()))


def shot(
    profile: Path,
    page: Path,
    picture: Path,
    *,
    height: int,
    scheme: str = "light",
    width: int = WIDTH,
    scale: float = 1,
) -> None:
    options = [
        f"--user-data-dir={profile}/chromium",
        f"--window-size={width},{height}",
        f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
        f"--force-device-scale-factor={scale}",
        f"--screenshot={picture}",
        page.as_uri(),
    ]
    subprocess.run(["chromium", *OPTIONS, *options], check=True, capture_output=True)


def labelled(png: bytes, digest: str) -> bytes:
    """The picture with a text chunk before its end."""
    body = b"tEXt" + b"page\0" + digest.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = png.rindex(b"IEND") - 4
    return png[:end] + chunk + png[end:]


if __name__ == "__main__":
    main()
