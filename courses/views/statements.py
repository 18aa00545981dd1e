"""What a learner states before the final quiz, and says about the course after it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.ratelimit import client_ip
from courses import services
from courses.forms import AttestationForm, EvaluationForm
from courses.models import CourseVersion, Quiz
from courses.views.visit import Visit, course_page, locked_page

LOGIN_IS_FRESH = timedelta(hours=12)
# Where allauth keeps when and how the person of a session has proved who they are.
PROOFS = "account_authentication_methods"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@course_page
def attestation_create(visit: Visit, lesson: str) -> HttpResponseBase:
    """Ask who takes the quiz, then start it."""
    step = visit.find_step(lesson)
    quiz = get_object_or_404(Quiz.objects.select_related("lesson"), lesson=step.lesson)
    rules = services.CreditRules()
    if visit.enrollment is not None:
        rules = services.credit_rules(enrollment=visit.enrollment, at=visit.at)
    is_asked = services.requires_attestation(quiz=quiz, rules=rules)
    if visit.enrollment is None or not is_asked:
        return redirect(step.lesson)
    if not visit.opens(step.lesson):
        return locked_page(visit, step.lesson)
    if not _is_fresh(visit.request, at=visit.at):
        again = urlencode({"next": visit.request.path})
        return redirect(f"{reverse('account_reauthenticate')}?{again}")
    user = visit.enrollment.user
    form = AttestationForm(
        visit.request.POST or None, initial={"name": user.certificate_name or user.name}
    )
    if visit.request.method == "POST" and form.is_valid():
        try:
            services.attest(
                enrollment=visit.enrollment,
                legal_name=form.cleaned_data["name"],
                ip_address=client_ip(visit.request),
                at=visit.at,
            )
            attempt = services.start_attempt(
                enrollment=visit.enrollment, quiz=quiz, at=visit.at
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect(
                "courses:attempt-detail", visit.course.slug, lesson, attempt.number
            )
    licenses = user.licenses.select_related("profession", "jurisdiction").order_by("pk")
    return render(
        visit.request,
        "courses/attestation_form.html",
        visit.context(
            lesson=step.lesson,
            quiz=quiz,
            attestors=rules.attestors,
            form=form,
            licenses=licenses,
        ),
    )


def _is_fresh(request: HttpRequest, *, at: datetime) -> bool:
    """Say whether the person has proved who they are within the last hours."""
    proofs = request.session.get(PROOFS) or []
    moments = [proof["at"] for proof in proofs if "at" in proof]
    if not moments:
        return False
    return at - datetime.fromtimestamp(max(moments), tz=UTC) <= LOGIN_IS_FRESH


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@course_page
def evaluation_create(visit: Visit) -> HttpResponseBase:
    """Ask what the learner thinks of the course; it is kept apart from the name."""
    if visit.enrollment is None:
        return redirect(visit.course)
    finish = redirect("courses:enrollment-complete", visit.course.slug)
    if services.is_evaluated(visit.enrollment) or not visit.outline.is_finished:
        return finish  # it says what is left
    version = CourseVersion.objects.defer("test").get(pk=visit.enrollment.version_id)
    form = EvaluationForm(visit.request.POST or None, version=version)
    if visit.request.method == "POST" and form.is_valid():
        services.evaluate(
            enrollment=visit.enrollment, opinion=form.opinion(), at=visit.at
        )
        return finish
    return render(
        visit.request, "courses/evaluation_form.html", visit.context(form=form)
    )
