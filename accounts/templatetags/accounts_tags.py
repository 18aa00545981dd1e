from django import template

register = template.Library()

LONGEST = 60

# The first that is named counts: most browsers also call themselves Chrome and Safari.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "Chromebook",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """Name a browser as its owner would: Chrome on Android."""
    name = next((name for key, name in BROWSERS.items() if key in user_agent), "")
    system = next((name for key, name in SYSTEMS.items() if key in user_agent), "")
    if not name:
        return user_agent[:LONGEST] or "An unknown browser"
    return f"{name} on {system}" if system else name
