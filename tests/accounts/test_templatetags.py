import pytest

from accounts.templatetags.accounts_tags import browser

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/126 Safari/537",
            "Chrome on Android",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} Safari/604",
            "Safari on iPhone",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/126 Safari/537 Edg/126",
            "Edge on Windows",
        ),
        ("curl/8 Linux", "curl/8 Linux"),
        ("", "An unknown browser"),
    ],
)
def test_a_session_is_named_as_its_owner_would(user_agent, name):
    assert browser(user_agent) == name
