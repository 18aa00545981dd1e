"""Buttons that answer with a file and leave the page where it is."""


def test_a_member_downloads_a_guide_as_often_as_needed(new_page, log_in):
    page = new_page()
    log_in(page, "member")
    page.goto("/guides/")
    page.click("main a[href^='/guides/']")

    names = []
    for _ in range(2):
        with page.expect_download() as download:
            page.click("main button:has-text('Download the guide')")
        names.append(download.value.suggested_filename)

    assert names[0].endswith(".pdf")
    assert names[1] == names[0]
