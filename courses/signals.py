from django.dispatch import Signal

course_completed = Signal()
"""Sent inside the transaction of a completion, with `enrollment` and `at`."""
