"""The hosted page of an invoice, where an open one is paid, and its PDF."""

from html import escape

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.errors import missing
from tools.stripe_sandbox.forms import Json
from tools.stripe_sandbox.pages import layout
from tools.stripe_sandbox.pages.pay import CARD, CARD_HELP, CARD_INPUT
from tools.stripe_sandbox.resources import lifecycle
from tools.stripe_sandbox.wire import Response, as_html, see_other

PAPER = "/MediaBox [0 0 612 792]"
LETTERS = "/Resources << /Font << /F1 4 0 R >> >>"
SAID = {"paid": "This invoice is paid.", "void": "This invoice was given up."}


def show(
    context: Context, invoice_id: str, *, problem: str = "", card: str = CARD
) -> Response:
    """Show an invoice at its hosted address, with a form while it is open."""
    invoice = _finalized(context, invoice_id)
    due = layout.money(invoice["amount_due"], invoice["currency"])
    body = (
        f"<p>{escape(invoice['number'])}</p>"
        f'<p class="amount">{due}</p>'
        f"<p>{escape(SAID.get(invoice['status'], 'This invoice is not paid yet.'))}</p>"
        f"<p>{escape(invoice['customer_email'] or '')}</p>"
    )
    customer = context.store.get("customer", invoice["customer"])
    if invoice["status"] == "open" and not customer.get("deleted"):
        body += _card_on_file(context, invoice)
        if problem and not card:
            body += layout.problem(problem)
        body += _form(invoice_id, due, problem, card)
    body += layout.link(f"/i/{invoice_id}/pdf", "Download the PDF")
    return as_html(402 if problem else 200, layout.page("Invoice", body))


def _finalized(context: Context, invoice_id: str) -> Json:
    invoice = context.store.get("invoice", invoice_id)
    if invoice["status"] == "draft":
        raise missing("invoice", invoice_id)
    return invoice


def _form(invoice_id: str, due: str, problem: str, card: str) -> str:
    told = layout.problem(problem, name="card-problem") if card else ""
    refused = ' aria-invalid="true" aria-describedby="card-problem"' if told else ""
    return (
        f'<form method="post" action="/i/{invoice_id}">'
        + layout.field("Card number", "card", card or CARD, CARD_INPUT + refused)
        + told
        + f'<button type="submit">Pay {due}</button></form>{CARD_HELP}'
    )


def _card_on_file(context: Context, invoice: Json) -> str:
    """Offer the card that pays the subscription, if there is one."""
    method = lifecycle.method_of_invoice(context, invoice)
    if method is None:
        return ""
    label = f"Pay with {method['card']['brand']} ending in {method['card']['last4']}"
    return (
        f'<form method="post" action="/i/{invoice["id"]}">'
        f'<button name="card" value="">{escape(label)}</button></form>'
    )


def submit(context: Context, invoice_id: str, form: Json) -> Response:
    """Pay as the card says: go on, ask for confirmation, or explain the refusal."""
    card = str(form.get("card", ""))
    paid = lifecycle.pay_on_page(
        context, invoice_id, card=card, confirmed=str(form.get("confirmed", ""))
    )
    if paid.needs_confirmation:
        body = layout.confirmation(f"/i/{invoice_id}", {"card": card})
        return as_html(200, layout.page("3D Secure", body))
    if paid.problem:
        return show(context, invoice_id, problem=paid.problem, card=card)
    return see_other(f"/i/{invoice_id}")


def pdf(context: Context, invoice_id: str) -> Response:
    """Return one page with the number, the amount and the state."""
    invoice = _finalized(context, invoice_id)
    due = layout.money(invoice["amount_due"], invoice["currency"])
    lines = ["Sandbox - no real money", f"Invoice {invoice['number']}", due]
    content = _document([*lines, f"Status: {invoice['status']}"])
    return Response(200, content, {"Content-Type": "application/pdf"})


def _document(lines: list[str]) -> bytes:
    """Write the least PDF that every reader opens."""
    shown = "".join(f"({_escaped(text)}) Tj 0 -24 Td " for text in lines)
    stream = f"BT /F1 16 Tf 72 720 Td {shown}ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {PAPER} /Contents 5 0 R {LETTERS} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
    ]
    written, places = "%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        places.append(f"{len(written):010d} 00000 n \n")
        written += f"{number} 0 obj\n{text}\nendobj\n"
    count = len(objects) + 1
    table = f"xref\n0 {count}\n0000000000 65535 f \n{''.join(places)}"
    end = f"trailer << /Size {count} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return (written + table + end).encode("latin-1", "replace")


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
