from django import forms


class SignupForm(forms.Form):
    name = forms.CharField(max_length=150)

    def signup(self, request: object, user: object) -> None:
        """Store what allauth's own form does not know."""
