"""What axe and a ruler find on the page that a browser shows."""

from pathlib import Path

SOURCE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()
SIZES = ((390, 844), (1280, 900))
NARROWEST = (320, 640)
RUN = "more => axe.run(document, {resultTypes: ['violations'], ...more})"
EVERY_RULE = {}
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"]}
RULES = {"light": EVERY_RULE, "dark": COLORS}  # the themes differ in colors alone


def problems(page):
    """Look at the page in each theme and size; nothing found is an empty list."""
    page.evaluate(SOURCE)
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found += too_wide(page)
        for theme, rules in RULES.items():
            # Colors on their way from one theme to the other are none of a theme.
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found += [f"{theme} {width}: {each}" for each in violations(page, rules)]
    width, height = NARROWEST
    page.set_viewport_size({"width": width, "height": height})
    return found + too_wide(page)


def violations(page, rules):
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in page.evaluate(RUN, rules)["violations"]
        for node in violation["nodes"]
    ]


def too_wide(page):
    width = page.evaluate("document.documentElement.scrollWidth")
    limit = page.viewport_size["width"]
    return [f"{width} px wide on a screen of {limit}"] if width > limit else []
