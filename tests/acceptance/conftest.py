"""The browser of the tests that look at pages."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import OPTIONS


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium; each test opens sessions of its own."""
    chromium = os.environ.get("NEWSLETTER_TEST_CHROMIUM")
    if not chromium:
        pytest.skip("set NEWSLETTER_TEST_CHROMIUM to a Chromium binary")
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install 'newsletter[test]'")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=list(OPTIONS))
        yield started
        started.close()
