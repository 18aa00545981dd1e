from html import escape

from tools.stripe_sandbox.context import Context
from tools.stripe_sandbox.pages import layout
from tools.stripe_sandbox.wire import Response, as_html


def show(context: Context, invoice_id: str) -> Response:
    """Show an invoice at its hosted address."""
    invoice = context.store.get("invoice", invoice_id)
    due = layout.money(invoice["total"], invoice["currency"])
    body = (
        f"<p>{escape(invoice['number'])}</p>"
        f'<p class="amount">{due}</p>'
        f"<p>Status: {escape(invoice['status'])}</p>"
        f"<p>{escape(invoice['customer_email'] or '')}</p>"
    )
    return as_html(200, layout.page("Invoice", body))
