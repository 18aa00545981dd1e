from django import template
from django.template.context import RequestContext
from django.utils import timezone

from natcampus.dashboard import Panel, panels

register = template.Library()


@register.simple_tag(takes_context=True)
def dashboard_panels(context: RequestContext) -> list[Panel]:
    return panels(context["request"].user, at=timezone.now())
