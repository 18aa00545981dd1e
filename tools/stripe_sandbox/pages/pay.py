from html import escape

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.pages import layout
from tools.stripe_sandbox.resources import checkout
from tools.stripe_sandbox.wire import Response, as_html, see_other

CARD = "4242 4242 4242 4242"
CARD_HELP = (
    "<details><summary>Test cards</summary><ul>"
    "<li>4242 4242 4242 4242 pays</li>"
    "<li>4000 0000 0000 0002 is declined</li>"
    "<li>4000 0000 0000 9995 has insufficient funds</li>"
    "<li>4000 0025 0000 3155 asks for 3D Secure</li>"
    "<li>4000 0000 0000 0341 pays now and fails at renewal</li></ul></details>"
)
CARD_INPUT = 'inputmode="numeric" autocomplete="cc-number" required'
CODE_INPUT = 'autocomplete="off"'
EMAIL_INPUT = 'type="email" autocomplete="email" required'


def show(context: Context, session_id: str) -> Response:
    """Show what is asked for, and a form to pay it."""
    session = checkout.current(context, session_id)
    if session["status"] != "open":
        return _closed(session)
    return as_html(200, _form(context, session, card=CARD))


def _closed(session: Json) -> Response:
    text = "This checkout has been paid." if session["status"] == "complete" else ""
    text = text or "This checkout has expired."
    back = session["success_url"] if session["status"] == "complete" else None
    body = f"<p>{text}</p>" + layout.link(
        back and checkout.success_url(session), "Continue"
    )
    body += layout.link(session["cancel_url"], "Back")
    return as_html(
        200 if session["status"] == "complete" else 410, layout.page("Checkout", body)
    )


def _form(context: Context, session: Json, *, card: str, problem: str = "") -> str:
    entry = checkout.lines_of(context, session["id"])["data"][0]
    price = entry["price"]
    amount = layout.money(session["amount_total"], session["currency"])
    later = layout.money(entry["amount_total"], session["currency"])
    trial = "" if session["amount_total"] else f"<p>Free trial, then {later}.</p>"
    email = (session["customer_details"] or {}).get("email") or ""
    body = (
        f"<p>{escape(entry['description'])}</p>"
        f'<p class="amount">{amount}</p><p>{layout.every(price)}</p>{trial}'
        f"{layout.problem(problem)}"
        f'<form method="post" action="/c/pay/{session["id"]}">'
        + (
            f"<p>Email: {escape(email)}</p>"
            if email
            else layout.field("Email", "email", "", EMAIL_INPUT)
        )
        + layout.field("Card number", "card", card, CARD_INPUT)
        + _code_field(session)
        + f'<button type="submit">Pay</button></form>{CARD_HELP}'
        + layout.link(session["cancel_url"], "Back")
    )
    return layout.page("Subscribe", body)


def _code_field(session: Json) -> str:
    if not session["allow_promotion_codes"]:
        return ""
    return layout.field("Promotion code (optional)", "promotion_code", "", CODE_INPUT)


def submit(context: Context, session_id: str, form: Json) -> Response:
    """Pay as the card says: go on, ask for confirmation, or explain the refusal."""
    card = str(form.get("card", ""))
    result = checkout.pay(
        context,
        session_id,
        card=card,
        email=str(form.get("email", "")),
        confirmed=str(form.get("confirmed", "")),
        code=str(form.get("promotion_code", "")).strip(),
    )
    if result.needs_confirmation:
        return as_html(200, _confirmation(result.session, form))
    if result.session["status"] not in ("open", "complete"):
        return _closed(result.session)
    if result.problem and result.session["status"] == "open":
        text = _form(context, result.session, card=card, problem=result.problem)
        return as_html(402, text)
    return see_other(checkout.success_url(result.session))


def _confirmation(session: Json, form: Json) -> str:
    kept = {name: form.get(name, "") for name in ("card", "email", "promotion_code")}
    body = layout.confirmation(f"/c/pay/{session['id']}", kept)
    return layout.page("3D Secure", body)
