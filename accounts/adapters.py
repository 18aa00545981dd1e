from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # the base is untyped
    """Sends allauth's emails through the outbox."""
