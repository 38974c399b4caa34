"""Make the README's picture from the bundled sample, in Chromium: a desktop in light, a phone in dark.

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
# CSS pixels of the picture's height; of each part the scheme, the width and where it begins: the first screen
# of a desktop in light, and the first theme on a phone in dark.
HEIGHT = 1110
PARTS = (("light", 660, 0), ("dark", 375, 720))
# Pixels of the parts per CSS pixel: scaled down again in the picture, which makes the letters smooth.
SCALE = 1.5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        command = [sys.executable, "-m", "newsletter", "render", "--date", "2026-01-06", "--out", folder]
        subprocess.run(command, check=True, cwd=folder)
        page = (out / "issue.html").read_bytes()
        shown = []
        for scheme, width, top in PARTS:
            # In a frame, because a window of Chromium is at least 500 pixels wide.
            frame = (
                f'<iframe src="issue.html" style="border:0;width:{width}px;height:{top + HEIGHT}px"></iframe>'
            )
            (out / "frame.html").write_text(f'<body style="margin:0">{frame}', encoding="utf-8")
            shot(out, "frame", scheme=scheme, width=width, height=top + HEIGHT, scale=SCALE)
            (out / "frame.png").rename(out / f"{scheme}.png")
            size = f"flex:none;overflow:hidden;width:{width}px;height:{HEIGHT}px"
            picture = f'<img src="{scheme}.png" height="{top + HEIGHT}" style="margin-top:-{top}px">'
            shown.append(f'<div style="{size}">{picture}</div>')
        style = "margin:0;display:flex;align-items:flex-start;overflow:hidden"
        (out / "both.html").write_text(f'<body style="{style}">{"".join(shown)}', encoding="utf-8")
        shot(out, "both", width=sum(width for _, width, _ in PARTS), height=HEIGHT)
        PICTURE.write_bytes(labelled((out / "both.png").read_bytes(), hashlib.sha256(page).hexdigest()))
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} KB")


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
