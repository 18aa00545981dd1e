"""Reviews of a course: for everybody to read, for those who completed it to write."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import InvalidPage, Page, Paginator
from django.forms import model_to_dict
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.http import posted_from
from courses import services
from courses.forms import ReviewForm
from courses.models import Enrollment, Review, ReviewQuerySet, rating_of
from courses.views.visit import Visit, course_page

A_PAGE = 10


@require_safe
@course_page
def review_list(visit: Visit) -> HttpResponse:
    """Show the reviews of a course, of everybody or of one profession."""
    shown = visit.course.reviews.shown()
    picked = visit.request.GET.get("profession", "")
    chosen = shown.filter(profession__slug=picked) if picked else shown
    page = _page(chosen.newest_first(), visit.request.GET.get("page", "1"))
    return render(
        visit.request,
        "courses/review_list.html",
        visit.context(
            page=page,
            rating=rating_of(list(page)),
            reviewers=shown.by_profession(),
            picked=picked,
        ),
    )


def _page(reviews: ReviewQuerySet, number: str) -> Page[Review]:
    try:
        return Paginator(reviews, A_PAGE).page(number)
    except InvalidPage as error:
        raise Http404 from error


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@course_page
def review_update(visit: Visit) -> HttpResponseBase:
    """Write the review of a completed course, or change it."""
    enrollment = visit.enrollment
    if enrollment is None or enrollment.status != Enrollment.Status.COMPLETED:
        messages.info(visit.request, "Complete the course first, then review it.")
        return redirect(visit.course)
    review: Review | None = getattr(enrollment, "review", None)
    said = model_to_dict(review, ["stars", "text", "shows_name"]) if review else None
    form = ReviewForm(visit.request.POST or None, initial=said)
    if visit.request.method == "POST" and form.is_valid():
        services.write_review(
            enrollment=enrollment, verdict=form.verdict(), at=visit.at
        )
        messages.success(
            visit.request, "Thank you. Others see your review within a minute."
        )
        return redirect(visit.course)
    return render(
        visit.request,
        "courses/review_form.html",
        visit.context(form=form, review=review),
    )


@posted_from("courses:review-update")
@login_required
@course_page
def review_delete(visit: Visit) -> HttpResponseBase:
    """Take back the learner's own review."""
    if visit.enrollment is not None:
        services.delete_review(enrollment=visit.enrollment)
        messages.success(visit.request, "Your review is deleted.")
    return redirect(visit.course)
