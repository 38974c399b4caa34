"""Make the README's picture of each look, in Chromium, of the sample: a desktop in light, a phone in dark.

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
# Pixels of the parts per CSS pixel: scaled down again in the picture, which makes the letters smooth.
SCALE = 1.5


class Picture(NamedTuple):
    """One picture of a look.

    height: CSS pixels of the mail that are shown. desktop, phone: where each part begins.
    """

    look: str
    file: Path
    height: int
    phone: int
    desktop: int = 0

    def page(self, folder: Path) -> bytes:
        """The HTML that it shows, as the look makes it today from the sample."""
        command = [sys.executable, "-m", "newsletter", "render", "--date", "2026-01-06", "--look", self.look]
        subprocess.run([*command, "--out", str(folder)], check=True, capture_output=True, cwd=folder)
        return (folder / "issue.html").read_bytes()

    def parts(self) -> tuple[tuple[str, int, int], ...]:
        """Of each part the scheme, the width and where it begins."""
        return (("light", 660, self.desktop), ("dark", 375, self.phone))


PICTURES = (
    Picture("default", FOLDER / "issue.png", 1110, phone=720),  # the phone at the first theme
    Picture("compact", FOLDER / "compact.png", 640, phone=455),
)


def main() -> None:
    for picture in PICTURES:
        with tempfile.TemporaryDirectory() as folder:
            make(picture, Path(folder))
        print(f"{picture.file}: {picture.file.stat().st_size / 1000:.0f} KB")


def make(picture: Picture, out: Path) -> None:
    page = picture.page(out)
    shown = []
    for scheme, width, top in picture.parts():
        tall = top + picture.height
        # In a frame, because a window of Chromium is at least 500 pixels wide.
        frame = f'<iframe src="issue.html" style="border:0;width:{width}px;height:{tall}px"></iframe>'
        (out / "frame.html").write_text(f'<body style="margin:0">{frame}', encoding="utf-8")
        shot(out, "frame", scheme=scheme, width=width, height=tall, scale=SCALE)
        (out / "frame.png").rename(out / f"{scheme}.png")
        size = f"flex:none;overflow:hidden;width:{width}px;height:{picture.height}px"
        image = f'<img src="{scheme}.png" height="{tall}" style="margin-top:-{top}px">'
        shown.append(f'<div style="{size}">{image}</div>')
    style = "margin:0;display:flex;align-items:flex-start;overflow:hidden"
    (out / "both.html").write_text(f'<body style="{style}">{"".join(shown)}', encoding="utf-8")
    shot(out, "both", width=sum(width for _, width, _ in picture.parts()), height=picture.height)
    picture.file.write_bytes(labelled((out / "both.png").read_bytes(), hashlib.sha256(page).hexdigest()))


def shot(
    folder: Path, name: str, *, width: int, height: int, scheme: str = "light", scale: float = 1
) -> None:
    options = [
        f"--user-data-dir={folder}/chromium",
        f"--window-size={width},{height}",
        f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
        f"--force-device-scale-factor={scale}",
        f"--screenshot={folder / name}.png",
        (folder / f"{name}.html").as_uri(),
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
