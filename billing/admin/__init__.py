"""Plans, people who pay, and money, as staff see them."""

from billing.admin import mirror, plans, work

__all__ = ["mirror", "plans", "work"]
