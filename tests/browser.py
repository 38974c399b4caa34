"""How Chromium is started here, by the tests that look at a mail and by the picture of the README."""

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
