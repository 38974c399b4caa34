"""Make the README's picture from the bundled sample, in Chromium: the first screen light, the next dark.

usage: python -m tests.picture      needs newsletter installed and chromium; writes .github/issue.png

The picture records which page it shows (a PNG text chunk "page" with the SHA-256 of the HTML), so that a
test can tell when the look has moved on and the picture has not.
"""

import hashlib
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from tests.browser import OPTIONS

PICTURE = Path(__file__).parents[1] / ".github" / "issue.png"
# CSS pixels of each half of the picture, and where the dark half begins: at the first theme.
WIDTH, HEIGHT, DARK_FROM = 660, 900, 752
# Pixels of the halves per CSS pixel: scaled down again in the picture, which makes the letters smooth.
SCALE = 1.5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        command = [sys.executable, "-m", "newsletter", "render", "--date", "2026-01-06", "--out", folder]
        subprocess.run(command, check=True, cwd=folder)
        page = (out / "issue.html").read_bytes()
        halves = []
        for scheme, top in (("light", 0), ("dark", DARK_FROM)):
            shot(
                out,
                out / "issue.html",
                out / f"{scheme}.png",
                scheme=scheme,
                height=top + HEIGHT,
                scale=SCALE,
            )
            halves.append(f'<img src="{scheme}.png" width="{WIDTH}" style="margin-top:-{top}px">')
        style = "margin:0;display:flex;align-items:flex-start;overflow:hidden"
        (out / "both.html").write_text(f'<body style="{style}">{"".join(halves)}', encoding="utf-8")
        shot(out, out / "both.html", out / "both.png", width=2 * WIDTH)
        PICTURE.write_bytes(labelled((out / "both.png").read_bytes(), hashlib.sha256(page).hexdigest()))
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} KB")


def shot(
    profile: Path,
    page: Path,
    picture: Path,
    *,
    scheme: str = "light",
    width: int = WIDTH,
    height: int = HEIGHT,
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
