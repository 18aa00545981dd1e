from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.views.generic import TemplateView


class Home(TemplateView):
    """The front page; a learner finds where to continue instead of the offer."""

    template_name = "home.html"


class StyleGuide(UserPassesTestMixin, TemplateView):
    """Every component in its states, for the people who build pages."""

    template_name = "styleguide.html"

    def test_func(self) -> bool:
        return settings.DEBUG or self.request.user.is_staff


class Learning(LoginRequiredMixin, TemplateView):
    """My learning: where to continue, what is finished, what to start."""

    template_name = "learning.html"
