"""`python -m tests.browser.gallery OUT [NAME ...]` writes pictures of all samples, or of some."""

import sys
from pathlib import Path

import django
from playwright.sync_api import sync_playwright

from tests.browser.chromium import ARGUMENTS, EXECUTABLE


def main():
    from tests.browser.gallery import samples, serve  # noqa: PLC0415 - Django is set up first

    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        for scheme in ("light", "dark"):
            for width, height in ((1280, 800), (390, 844)):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                for sample in samples():
                    if wanted and sample.name not in wanted:
                        continue
                    page = context.new_page()
                    serve(page, sample)
                    page.screenshot(
                        path=out / f"{sample.name}-{width}-{scheme}.png", full_page=True
                    )
                    page.close()
                context.close()
        browser.close()


if __name__ == "__main__":
    django.setup()
    main()
