from django import template
from django.template.context import RequestContext
from django.utils import timezone

from accounts.models import User
from natcampus.dashboard import Panel, panels
from natcampus.person import Fact, facts_about

register = template.Library()


@register.simple_tag(takes_context=True)
def dashboard_panels(context: RequestContext) -> list[Panel]:
    return panels(context["request"].user, at=timezone.now())


@register.simple_tag(takes_context=True)
def person_facts(context: RequestContext, person: User) -> list[Fact]:
    return facts_about(person, viewer=context["request"].user, at=timezone.now())
