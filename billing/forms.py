from django import forms

from billing.models import Price


class CheckoutForm(forms.Form):
    """Which price somebody chose, by its slug; an amount is never asked for."""

    price = forms.ModelChoiceField(
        queryset=Price.objects.on_sale(),
        to_field_name="slug",
        error_messages={
            "required": "Choose monthly or yearly payment.",
            "invalid_choice": "That price is no longer offered. Choose another one.",
        },
    )
