class DomainError(Exception):
    """A refusal whose message may be shown to the person who asked."""
