"""The frame of the hosted pages: plain HTML that works without JavaScript."""

from html import escape

from tools.stripe_sandbox.forms import Json

STYLE = """
:root { color-scheme: light; font-family: system-ui, sans-serif; color: #1a1f36; }
body { margin: 0; background: #f6f8fa; line-height: 1.5; }
.ribbon { background: #ffd666; padding: .5rem 1rem; text-align: center; font-weight: 600; }
main { max-width: 30rem; margin: 2rem auto; padding: 1.5rem; background: #fff;
  border-radius: .5rem; box-shadow: 0 1px 4px rgb(0 0 0 / 15%); }
h1 { font-size: 1.25rem; margin-top: 0; }
h2 { font-size: 1.05rem; margin: 1.5rem 0 0; }
.amount { font-size: 2rem; font-weight: 700; margin: 0; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { width: 100%; box-sizing: border-box; font: inherit; padding: .6rem;
  border: 1px solid #8792a2; border-radius: .35rem; min-height: 2.75rem; }
button { font: inherit; font-weight: 600; margin-top: 1rem; width: 100%; padding: .75rem;
  min-height: 2.75rem; border: 0; border-radius: .35rem; background: #0b5fff; color: #fff; }
button.quiet { background: #e3e8ee; color: #1a1f36; }
.desk { max-width: 64rem; }
.desk form { display: inline-block; }
.desk input { width: 8rem; min-height: 2.75rem; margin: .25rem .25rem 0 0; padding: .35rem .5rem;
  font-size: .9rem; vertical-align: bottom; }
.desk button { width: auto; margin: .25rem .25rem 0 0; padding: .35rem .75rem; font-size: .9rem; }
.desk ul { padding: 0; list-style: none; }
.desk li { padding: .5rem 0; border-bottom: 1px solid #e3e8ee; overflow-wrap: anywhere; }
.desk li p { margin: 0; }
.problem { margin: .5rem 0 0; background: #fde8e8; border-left: 4px solid #b00020; padding: .75rem; }
a { color: #0b5fff; display: inline-flex; align-items: center; min-height: 2.75rem; min-width: 2.75rem; }
:focus-visible { outline: 3px solid #ffb000; outline-offset: 2px; }
"""


def page(title: str, body: str, *, name: str = "page") -> str:
    """Wrap a page; the title and the ribbon say that no money moves."""
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{escape(title)} - Sandbox</title><style>{STYLE}</style></head>"
        '<body><p class="ribbon" style="margin:0">Sandbox - no real money</p>'
        f'<main class="{name}"><h1>{escape(title)}</h1>{body}</main></body></html>'
    )


def problem(text: str, *, name: str = "problem") -> str:
    if not text:
        return ""
    return f'<p class="problem" id="{name}" role="alert">{escape(text)}</p>'


def money(amount: int, currency: str) -> str:
    """Format minor units; the sandbox knows two-decimal currencies only."""
    symbol = {"usd": "$", "eur": "€", "gbp": "£"}.get(currency, "")
    whole, cents = divmod(abs(amount), 100)
    sign = "-" if amount < 0 else ""
    return f"{sign}{symbol}{whole:,}.{cents:02d} {currency.upper()}"


def every(price: Json) -> str:
    recurring = price["recurring"]
    count = recurring["interval_count"]
    unit = recurring["interval"]
    return f"every {unit}" if count == 1 else f"every {count} {unit}s"


def confirmation(action: str, kept: Json) -> str:
    """Ask as a bank does; what was typed goes along."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(value), quote=True)}">'
        for name, value in kept.items()
    )
    return (
        "<p>Your bank asks you to confirm this payment.</p>"
        f'<form method="post" action="{action}">{hidden}'
        '<button name="confirmed" value="complete">Complete</button>'
        '<button class="quiet" name="confirmed" value="fail">Fail</button></form>'
    )


def link(url: str | None, text: str) -> str:
    if not url:
        return ""
    return f'<p><a href="{escape(url, quote=True)}">{escape(text)}</a></p>'


def field(label: str, name: str, value: str, attributes: str = "") -> str:
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" value="{escape(value, quote=True)}"'
        f" {attributes}>"
    )
