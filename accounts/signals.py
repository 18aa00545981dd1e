"""What accounts announce to the apps above them."""

from django.dispatch import Signal

user_deactivated = Signal()
"""Sent inside the transaction that closes an account without deleting it, with `user`."""
