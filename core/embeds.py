"""Videos that a host plays: which addresses we know, and what frames them."""

import re

# https://vimeo.com/123456789, or with the key of an unlisted video behind it
_VIMEO = re.compile(
    r"https://(?:www\.)?(?:vimeo\.com|player\.vimeo\.com/video)"
    r"/(?P<id>[0-9]{6,12})(?:(?:/|\?h=)(?P<key>[0-9a-f]{6,20}))?/?"
)
VIMEO_HOST = "https://player.vimeo.com"


def frame_address(address: str) -> str | None:
    """Return what a frame loads to play the video; nothing if no host of ours has it."""
    found = _VIMEO.fullmatch(address)
    if found is None:
        return None
    key = f"h={found['key']}&" if found["key"] else ""
    # Our own bar stands below it; nobody is followed, nothing starts by itself.
    options = "controls=0&dnt=1&title=0&byline=0&portrait=0&autoplay=0&playsinline=1"
    return f"{VIMEO_HOST}/video/{found['id']}?{key}{options}"
