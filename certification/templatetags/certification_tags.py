from django import template

from certification.models import Certificate
from courses.models import Enrollment

register = template.Library()


@register.simple_tag
def certificate_of(enrollment: Enrollment) -> Certificate | None:
    """Return what the enrollment has earned, so that a page can say if it was revoked."""
    return Certificate.objects.filter(enrollment=enrollment).first()
