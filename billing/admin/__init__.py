"""Plans, people who pay, and money, as staff see them."""

from billing.admin import payments, people, plans, price_changes, prices, work

__all__ = ["payments", "people", "plans", "price_changes", "prices", "work"]
