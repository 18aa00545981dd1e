"""Plans, people who pay, and money, as staff see them."""

from billing.admin import payments, people, plans, prices, work

__all__ = ["payments", "people", "plans", "prices", "work"]
