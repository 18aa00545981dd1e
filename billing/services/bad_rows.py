from django.db import DatabaseError

from billing import gateway, sync

# One bad row must not stop the others, whatever is wrong with it.
BAD_ROW = (
    ArithmeticError,
    AttributeError,
    DatabaseError,
    LookupError,
    TypeError,
    ValueError,
    gateway.GatewayError,
    sync.SyncBusyError,
)
