"""Plans, people who pay, and money, as staff see them."""

from billing.admin import payments, people, plans, work

__all__ = ["payments", "people", "plans", "work"]
