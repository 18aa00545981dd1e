"""What a page weighs at the first visit, whom it asks, and how it prints."""

import gzip
from urllib.parse import urlsplit

import pytest

HIP = "hip-and-thigh"
ARTICLE = "/articles/hamstrings-stretch-release-protect/"
LESSON = f"/learn/{HIP}/history-and-red-flags/"
CONTENT = {"document": 20, "stylesheet": 15, "script": 10, "font": 60, "image": 60}
PLAYER = {**CONTENT, "script": 20, "image": 45}
BUDGETS = {
    "/": (CONTENT, 165),
    "/articles/": (CONTENT, 165),
    ARTICLE: (CONTENT, 165),
    "/courses/": (CONTENT, 165),
    f"/courses/{HIP}/": (CONTENT, 165),
    "/pricing/": (CONTENT, 165),
    LESSON: (PLAYER, 160),
}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
FIRST_PICTURES = """
    () => [...document.images, ...document.querySelectorAll("video[poster]")]
        .filter(shown => {
            const box = shown.getBoundingClientRect();
            return box.width && box.bottom > 0 && box.top < innerHeight;
        })
        .map(shown => shown.currentSrc || shown.poster)
"""


def weigh(page, path):
    """Return the kilobytes of each kind that a first visit takes, packed by gzip."""
    answers = {}
    page.on("response", lambda answer: answers.setdefault(answer.url, answer))
    page.goto(path)
    page.evaluate("document.fonts.ready.then(() => true)")
    first = page.evaluate(FIRST_PICTURES)
    bodies = dict.fromkeys(CONTENT, b"")
    for url, answer in list(answers.items()):  # a lazy picture may still come
        kind = answer.request.resource_type
        if kind in bodies and (kind != "image" or url in first):
            bodies[kind] += answer.body()
    return {kind: len(gzip.compress(body)) / 1000 for kind, body in bodies.items()}


@pytest.mark.parametrize("path", BUDGETS)
def test_a_page_keeps_to_its_budget(new_page, path):
    budget, in_all = BUDGETS[path]

    weights = weigh(new_page(**PHONE), path)

    assert all(weights.values()), weights
    assert {kind for kind in budget if weights[kind] > budget[kind]} == set(), weights
    assert sum(weights.values()) <= in_all, weights


def test_pages_ask_nobody_but_the_site(new_page, log_in, site):
    page = new_page()
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url)))
    log_in(page, "member")

    for path in (*BUDGETS, "/learn/", "/account/", "/accounts/2fa/", "/no-such-page/"):
        page.goto(path)

    asked = [each for each in asked if each.scheme not in {"data", "blob"}]
    assert {each.netloc for each in asked} == {urlsplit(site.base).netloc}


@pytest.mark.parametrize("path", [ARTICLE, "/learn/transcript/"])
def test_a_page_prints_its_words_alone_and_in_dark_ink(new_page, log_in, path):
    page = new_page(color_scheme="light")
    log_in(page, "certified")
    page.goto(path)
    ink = color_of(page.locator("main h1"))

    page.emulate_media(media="print", color_scheme="dark")

    assert page.locator("main h1").is_visible()
    assert color_of(page.locator("main h1")) == ink
    for around in (".c-header", ".c-footer", ".c-skip"):
        assert page.locator(around).first.is_hidden(), around


def color_of(place):
    return place.evaluate("place => getComputedStyle(place).color")
