from typing import Any

from allauth.usersessions.models import UserSession
from django import forms
from django.db.models import QuerySet


class SessionForm(forms.Form):
    """Names one of the sessions that the person may end."""

    session = forms.ModelChoiceField(UserSession.objects.none())

    def __init__(
        self, *args: Any, sessions: QuerySet[UserSession], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = sessions  # type: ignore[attr-defined] # a choice of models
