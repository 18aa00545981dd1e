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


def display_amount(amount: int, currency: str) -> str:
    """Return an amount of the smallest unit as people write it: $19.95, $199, ¥500."""
    digits = digits_of(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    number = f"{whole:,}.{rest:0{digits}d}" if rest else f"{whole:,}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, f'{currency.upper()} ')}{number}"


def plain_amount(amount: int, currency: str) -> str:
    """Return an amount of the smallest unit as a number: 19.95, 199.00, 500."""
    digits = digits_of(currency)
    return f"{Decimal(amount).scaleb(-digits):.{digits}f}"


def digits_of(currency: str) -> int:
    """Return how many digits stand behind the point in this currency."""
    if currency in WITHOUT_CENTS:
        return 0
    return 3 if currency in WITH_THOUSANDTHS else 2
