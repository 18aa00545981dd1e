"""What billing announces within itself, as it happens."""

from django.dispatch import Signal

outbox_written = Signal()  # entry
