"""A course on a phone between two clients, with the network cut, and on a second device."""

import re
import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import python

CONTENT = Path(__file__).parent.parent.parent / "natcampus" / "demo" / "content"
COURSE = tomllib.loads((CONTENT / "courses" / "hip-and-thigh.toml").read_text())
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "keeps_console_clean": False,  # a network that is cut is an error there
}
VIDEO = "/learn/hip-and-thigh/landmarks-of-the-posterior-thigh/"
QUIZ = "/learn/hip-and-thigh/quiz/check-palpation/"
NOT_SAVED = "Not saved. We will try again when you are back online."
PLAY_UNTIL = """
    (video, second) => new Promise((done, fail) => {
        setTimeout(fail, 60000, new Error("The video stands still."));
        video.muted = true;
        video.playbackRate = 2;
        video.ontimeupdate = () => {
            if (video.currentTime > second) { video.pause(); done(); }
        };
        video.play();
    })
"""
BUFFER = """
    (video, second) => new Promise((done, fail) => {
        setTimeout(fail, 30000, new Error("The video does not load."));
        setInterval(() => {
            const { buffered } = video;
            if (buffered.length && buffered.end(buffered.length - 1) > second) done();
        }, 100);
    })
"""
RIGHT = {
    question["text"]: [c["text"] for c in question["choices"] if c["is_correct"]]
    for module in COURSE["modules"]
    for lesson in module["lessons"]
    for question in lesson.get("quiz", {}).get("questions", [])
}


def play_until(page, second):
    page.locator("[data-bar]").wait_for()  # the player is there
    page.locator("video").evaluate(PLAY_UNTIL, second)


def choose_right(page):
    """Choose what is right on the page of a question, as a thumb does."""
    question = page.locator("form.c-quiz legend").inner_text()
    for text in RIGHT[question]:
        page.locator("label.c-option").filter(has_text=text).first.tap()


def chosen(page):
    return page.locator("label.c-option:has(:checked)").all_inner_texts()


def test_what_is_studied_with_the_network_cut_is_there_on_the_second_device(
    new_page, log_in
):
    phone = new_page(**PHONE)
    log_in(phone, "other-member")
    phone.goto(VIDEO)
    play_until(phone, 5)
    expect(phone.get_by_text("Saved just now")).to_be_visible()
    phone.locator("video").evaluate(BUFFER, 14)
    phone.context.set_offline(True)
    play_until(phone, 11)
    expect(phone.get_by_text("Not saved. We will try again")).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.get_by_text("Saved just now")).to_be_visible()

    tablet = new_page(**PHONE)
    log_in(tablet, "other-member")
    tablet.goto(VIDEO)
    expect(tablet.get_by_text(re.compile("Resume at 0:1[1-3]"))).to_be_visible()
    tablet.get_by_role("button", name="Resume at").tap()
    expect(tablet.locator("[data-bar] [data-time]").first).to_have_text("0:14")


def expect_state(page, words):
    expect(page.locator("#answer-state")).to_have_text(words)


def start_quiz(page):
    """Answer the first question, and return the address of the attempt."""
    page.goto(QUIZ)
    page.locator("main").get_by_role("button", name=re.compile("Start")).first.tap()
    choose_right(page)
    expect_state(page, "1 of 5 answered and saved.")
    page.get_by_role("button", name="Save and continue").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Question 2 of 5")
    return page.url.partition("?")[0]


def finish_quiz(page, attempt):
    for number in (3, 4, 5):
        page.goto(f"{attempt}?question={number}")
        choose_right(page)
        expect_state(page, f"{number} of 5 answered and saved.")
    page.get_by_role("button", name="Save and review").tap()
    page.get_by_role("button", name="Submit the quiz").tap()


def test_answers_chosen_without_network_arrive_later_and_are_taken_up_elsewhere(
    new_page, log_in
):
    phone = new_page(**PHONE)
    log_in(phone, "other-member")
    attempt = start_quiz(phone)

    phone.context.set_offline(True)
    choose_right(phone)
    expect_state(phone, NOT_SAVED)
    phone.get_by_role("button", name="Save and continue").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Question 2 of 5")
    kept = chosen(phone)
    phone.close()  # the battery is empty

    phone.context.set_offline(False)
    phone = phone.context.new_page()
    phone.goto(f"{attempt}?question=2")
    expect_state(phone, "2 of 5 answered and saved.")
    assert chosen(phone) == kept

    tablet = new_page(**PHONE)
    log_in(tablet, "other-member")
    tablet.goto(QUIZ)
    expect(tablet.locator("main")).to_contain_text("question 3 of 5")
    tablet.goto(f"{attempt}?question=2")
    assert chosen(tablet) == kept
    finish_quiz(tablet, attempt)
    expect(tablet.get_by_role("heading", name="100%. You passed.")).to_be_visible()


def staged(site, name):
    """Run a function of `stage.py` beside the site, and return the path it prints."""
    code = f"from tests.journeys import stage; print(stage.{name}())"
    printed = python(site.environment, "manage.py", "shell", "--no-imports", "-c", code)
    return printed.splitlines()[-1]


def test_a_video_plays_as_a_stream_at_the_chosen_speed(new_page, log_in, site):
    page, lesson = new_page(), staged(site, "streamed_lesson")
    log_in(page, "member")
    page.goto(lesson)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Speed").select_option("2")

    page.locator("[data-bar] [data-action=play]").click()
    expect(page.locator("[data-bar] [data-time]").first).to_have_text("0:04")

    video = page.locator("video")
    assert video.evaluate("video => video.playbackRate") == 2
    assert video.evaluate("video => video.currentSrc").startswith("blob:")
    assert any(url.endswith("/stream/v360.m4s") for url in asked)
    assert video.evaluate("video => video.textTracks[0].mode") == "showing"
    page.get_by_role("button", name="Pause").click()
    expect(
        page.get_by_text(re.compile("saved just now", re.IGNORECASE))
    ).to_be_visible()


VIMEO = """
<!doctype html><script>
  // Speaks as the player of the host does: JSON by messages, both ways.
  let second = 0, isPlaying = false, wanted = new Set();
  const say = (data) => parent.postMessage(JSON.stringify(data), "*");
  addEventListener("message", ({ data }) => {
    const { method, value } = typeof data === "string" ? JSON.parse(data) : data;
    if (method === "addEventListener") wanted.add(value);
    if (method === "play") { isPlaying = true; say({ event: "play", data: {} }); }
    if (method === "pause") { isPlaying = false; say({ event: "pause", data: {} }); }
    if (method === "setCurrentTime") second = value;
    if (method !== "addEventListener") say({ method, value: value ?? null });
  });
  setInterval(() => {
    if (!isPlaying) return;
    second += 0.25;
    say({ event: "timeupdate", data: { seconds: second, duration: 60, percent: second / 60 } });
  }, 250);
  say({ event: "ready" });
</script>
"""


@pytest.fixture
def hosted_page(site, browser):
    """Open a page for which the host of videos answers as ours to be."""
    context = browser.new_context(base_url=site.base)
    context.route(
        "https://player.vimeo.com/**",
        lambda route: route.fulfill(body=VIMEO, content_type="text/html"),
    )
    yield context.new_page()
    context.close()


def test_a_video_at_a_host_is_saved_as_any_other(hosted_page, log_in, site):
    page, lesson = hosted_page, staged(site, "hosted_lesson")
    log_in(page, "member")
    page.goto(lesson)

    page.locator("[data-bar] [data-action=play]").click()
    expect(page.locator("[data-bar] [data-time]").first).to_have_text("0:03")
    page.get_by_role("button", name="Pause").click()

    expect(page.get_by_text("Saved just now")).to_be_visible()
    expect(page.locator("[data-saved]")).to_have_text("Saved just now")


def test_notes_lead_to_their_moments_of_a_video_at_a_host(hosted_page, log_in, site):
    page, lesson = hosted_page, staged(site, "hosted_lesson")
    shown = page.locator("[data-bar] [data-time]").first
    log_in(page, "other-member")
    page.goto(lesson)
    page.locator("[data-bar] [data-action=play]").click()
    expect(shown).to_have_text("0:02")
    page.get_by_role("button", name="Pause").click()

    page.get_by_label("Moment of the video").fill("0:40")
    page.get_by_label("Note", exact=True).fill("Where the host shows the grip.")
    page.get_by_role("button", name="Save note").click()
    page.get_by_role("link", name="Play from 0:40").click()
    expect(shown).to_have_text("0:41")

    page.goto("about:blank")
    page.goto(f"{lesson}#t=30")
    expect(shown).to_have_text("0:30")
