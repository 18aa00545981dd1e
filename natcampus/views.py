from typing import Any

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.core.paginator import Paginator
from django.views.generic import TemplateView

from natcampus.forms import SampleForm


class Home(TemplateView):
    """The front page; a learner finds where to continue instead of the offer."""

    template_name = "home.html"


class StyleGuide(UserPassesTestMixin, TemplateView):
    """Every component in its states, for the people who build pages."""

    template_name = "styleguide.html"

    def test_func(self) -> bool:
        return settings.DEBUG or self.request.user.is_staff

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sample = SampleForm({"email": "maya"}, auto_id="sample_%s")
        page = Paginator(range(70), 10).page(2)
        return super().get_context_data(sample=sample, page_obj=page, **kwargs)


class Learning(LoginRequiredMixin, TemplateView):
    """My learning: where to continue, what is finished, what to start."""

    template_name = "learning.html"
