"""How Chromium is started here, by tests and by the pictures of the README, and a page of it that tells."""

from typing import Any

# Without the last ones Chromium looks up and calls its maker's hosts at every start.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Whatever waits for a reader to do something gets it: the pointer over it, the focus.
TOUCH = """() => document.querySelectorAll('body *').forEach(e =>
  ['mouseover', 'mouseenter', 'focus', 'pointerdown', 'toggle', 'animationstart', 'error', 'load'].forEach(
    kind => e.dispatchEvent(new Event(kind, {bubbles: false}))))"""


def opened(browser: Any, *, width: int = 1200, scheme: str = "light", scripts: bool = False) -> Any:
    """A page of a new session; `page.told` is every complaint of the browser, and every box that opened."""
    session = browser.new_context(
        viewport={"width": width, "height": 700}, color_scheme=scheme, java_script_enabled=scripts
    )
    page = session.new_page()
    page.set_default_timeout(8000)
    page.told = []
    page.on("console", lambda said: page.told.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: page.told.append(f"error: {error}"))
    page.on("popup", lambda popup: page.told.append(f"popup: {popup.url}"))
    page.on("dialog", lambda dialog: (page.told.append(dialog.message), dialog.dismiss()))
    return page


def complaints(page: Any) -> list[str]:
    """What the browser did not like; that a page has a status of its own is told too, and is meant."""
    return [said for said in page.told if "Failed to load resource" not in said]
