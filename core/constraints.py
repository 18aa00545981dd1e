from django.db.models import CheckConstraint, Q


def both_or_neither(first: str, second: str, *, name: str) -> CheckConstraint:
    """Hold that two columns are set together, such as a moment and its reason."""
    empty_second = Q(**{f"{second}__isnull": True}) | Q(**{second: ""})
    return CheckConstraint(
        condition=(Q(**{f"{first}__isnull": True}) & empty_second)
        | (Q(**{f"{first}__isnull": False}) & ~empty_second),
        name=name,
    )
