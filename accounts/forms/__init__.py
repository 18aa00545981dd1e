from accounts.forms.profile import TIME_ZONES, LicenseForm, ProfileForm
from accounts.forms.sessions import SessionForm
from accounts.forms.signup import SignupForm

__all__ = ["TIME_ZONES", "LicenseForm", "ProfileForm", "SessionForm", "SignupForm"]
