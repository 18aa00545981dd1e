import re

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_PATH = 300
_PATH = re.compile(r"/[^\x00-\x20\\\x7f]*")


def local_path(text: str) -> str:
    """Return the text if it is a path of this site to go back to, else nothing."""
    is_path = len(text) <= LONGEST_PATH and _PATH.fullmatch(text)
    if is_path and url_has_allowed_host_and_scheme(text, allowed_hosts=None):
        return text
    return ""
