"""Notes beside a video, in a browser: saved while typing, also without a network."""

from playwright.sync_api import expect

LESSON = "/learn/hip-and-thigh/movement-screen/"
NOT_SAVED = "Not saved. We will try again"


def wait_until(page, condition):
    """Wait as `wait_for_function` does, which our policy refuses once it has to look twice."""
    page.evaluate(
        f"""() => new Promise((done) => {{
            const look = () => (({condition}) ? done() : setTimeout(look, 100));
            look();
        }})"""
    )


def items(page):
    return page.locator("[data-note-list] > li")


def watch(page, seconds):
    page.evaluate(
        "seconds => document.querySelector('video').currentTime = seconds", seconds
    )


def test_a_note_is_saved_while_typing_at_its_moment_which_plays_again(new_page, log_in):
    page = new_page()
    log_in(page, "comp")
    page.goto(LESSON)
    watch(page, 12)
    page.get_by_label("Note", exact=True).fill("Compare both sides.")
    expect(page.locator("[data-note-status]")).to_have_text("Saved")
    page.get_by_role("button", name="Save note").click()
    watch(page, 20)
    page.get_by_role("button", name="Bookmark this moment").click()
    expect(items(page)).to_have_count(2)

    page.reload()
    expect(items(page)).to_have_count(2)
    watch(page, 0)
    page.get_by_role("link", name="Play from 0:12").click()
    wait_until(page, "document.querySelector('video').currentTime >= 12")

    items(page).nth(1).get_by_role("button", name="Delete").click()
    items(page).nth(1).get_by_role("button", name="Undo").click()
    expect(
        items(page).nth(1).get_by_role("link", name="Play from 0:20")
    ).to_be_visible()
    items(page).nth(1).get_by_role("button", name="Delete").click()
    expect(items(page).nth(1)).to_contain_text("The note is deleted.")
    page.reload()
    expect(items(page)).to_have_count(1)


def test_a_note_without_a_network_arrives_once_after_the_tab_was_closed(
    new_page, log_in
):
    page = new_page(keeps_console_clean=False)
    log_in(page, "past-due")
    page.goto(LESSON)
    page.context.set_offline(True)
    page.get_by_label("Note", exact=True).fill("Written on a train.")
    expect(page.locator("[data-note-status]")).to_have_text(NOT_SAVED)
    page.get_by_role("button", name="Save note").click()
    expect(items(page)).to_contain_text(NOT_SAVED)
    page.close()

    page.context.set_offline(False)
    page = page.context.new_page()
    page.goto(LESSON)
    expect(items(page)).to_have_count(1)
    wait_until(page, "localStorage.length === 0")
    page.reload()
    expect(items(page)).to_have_count(1)
    expect(items(page)).to_contain_text("Written on a train.")
    page.goto("/learn/hip-and-thigh/notes/")
    expect(page.get_by_text("Written on a train.")).to_be_visible()
