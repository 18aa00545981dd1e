"""How amounts are written: Stripe counts each in the smallest unit of its currency.

Which unit that is: https://docs.stripe.com/currencies#minor-units. ISK and UGX have
no cents any more, yet Stripe still counts them in hundredths (500 is UGX 5), and the
last digit of the thousandths of KWD and its like is always 0.
"""

from decimal import Decimal

SYMBOLS = {
    "usd": "$",
    "cad": "CA$",
    "aud": "A$",
    "nzd": "NZ$",
    "eur": "€",
    "gbp": "£",
    "jpy": "¥",
}
# Stripe counts these in whole units, and those of the second list in thousandths.
WITHOUT_CENTS = {
    *("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"),
    *("pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"),
}
WITH_THOUSANDTHS = {"bhd", "jod", "kwd", "omr", "tnd"}


def display_amount(amount: int, currency: str, *, is_long: bool = False) -> str:
    """Return an amount of the smallest unit as people write it: $19.95, $199, ¥500.

    The long form keeps the cents of a round amount, for columns: $199.00.
    """
    code = currency.lower()
    digits = digits_of(code)
    whole, rest = divmod(abs(amount), 10**digits)
    has_cents = digits and (rest or is_long)
    number = f"{whole:,}.{rest:0{digits}d}" if has_cents else f"{whole:,}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(code, f'{code.upper()} ')}{number}"


def plain_amount(amount: int, currency: str) -> str:
    """Return an amount of the smallest unit as a number: 19.95, 199.00, 500."""
    digits = digits_of(currency)
    return f"{Decimal(amount).scaleb(-digits):.{digits}f}"


def digits_of(currency: str) -> int:
    """Return how many digits stand behind the point in this currency."""
    if currency in WITHOUT_CENTS:
        return 0
    return 3 if currency in WITH_THOUSANDTHS else 2
