"""Guides: shown to everybody, mailed to an address, handed to accounts at once."""

import hashlib
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.generic import DetailView, ListView

from accounts.models import User
from articles import services
from articles.forms import GuideRequestForm
from articles.models import (
    LINK_WORKS_FOR,
    Article,
    Guide,
    GuideRequest,
    read_token,
)
from articles.views.articles import canonical, published_guides
from core.http import posted_from
from core.media import serve_private
from core.preview import may_preview
from core.ratelimit import client_ip, hit

AN_ADDRESS_AN_HOUR = 5
A_VISITOR_AN_HOUR = 20
SESSION_KEY = "guide_requests"


class GuideList(ListView[Guide]):
    """All guides."""

    paginate_by = 12

    def get_queryset(self) -> Any:
        return published_guides(at=timezone.now())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = context["page_obj"].number
        return {**context, "canonical_url": canonical(self.request, page=page)}


class GuideDetail(DetailView[Guide]):
    """One guide with the form that mails it."""

    queryset = Guide.objects.select_related("region")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        guide = self.get_object()
        status = guide.publication_status(at=timezone.now())
        if status == "published" or may_preview(request, guide):
            self.object = guide
            return self.render_to_response(
                self.get_context_data(form=GuideRequestForm(), status=status)
            )
        if status == "unpublished":
            return gone(request)
        raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, **page_of(self.object)}


class GuideSent(DetailView[Guide]):
    """Tell everybody the same: look into your inbox."""

    template_name = "articles/guide_sent.html"

    def get_queryset(self) -> Any:
        return published_guides(at=timezone.now())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sent = self.request.session.get(SESSION_KEY, {}).get(self.object.slug, {})
        return {
            **super().get_context_data(**kwargs),
            "address": sent.get("address", ""),
            "can_resend": "id" in sent,
            "days": LINK_WORKS_FOR.days,
        }


@posted_from("articles:guide-detail")
def request_guide(request: HttpRequest, slug: str) -> HttpResponse:
    """Mail the guide; the answer does not depend on who the address belongs to."""
    now = timezone.now()
    guide = get_object_or_404(published_guides(at=now), slug=slug)
    form = GuideRequestForm(request.POST)
    if not form.is_valid():
        context = {"guide": guide, "form": form, "status": "published"}
        return render(
            request, "articles/guide_detail.html", {**context, **page_of(guide)}
        )
    address = form.cleaned_data["email"]
    if not within_limits(request, address):
        return too_many(request)
    if form.is_from_a_robot:
        return redirect("articles:guide-sent", slug)
    sent = services.request_guide(
        guide=guide,
        email=address,
        article=Article.objects.named(form.cleaned_data["article"]),
        user=account_of(request),
        wants_news=form.cleaned_data["wants_news"],
        at=now,
    )
    remember(request, sent, address=address)
    return redirect("articles:guide-sent", slug)


@posted_from("articles:guide-sent")
def resend(request: HttpRequest, slug: str) -> HttpResponse:
    """Mail the link once more to the address that this visitor has just given."""
    sent = request.session.get(SESSION_KEY, {}).get(slug, {})
    guide_request = get_object_or_404(GuideRequest, pk=sent.get("id"))
    if not within_limits(request, guide_request.email):
        return too_many(request)
    services.resend_guide(request=guide_request, at=timezone.now())
    return redirect("articles:guide-sent", slug)


@require_safe
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """Hand out the PDF to whoever holds its link; an old link can be renewed."""
    now = timezone.now()
    try:
        guide_request, is_over = read_token(token)
    except GuideRequest.DoesNotExist as error:
        raise Http404 from error
    guide = guide_request.guide
    if is_over:
        context = {"guide": guide, "token": token}
        return render(request, "articles/guide_expired.html", context, status=410)
    if guide.publication_status(at=now) != "published":
        return gone(request)
    if request.method == "GET":
        services.note_download(request=guide_request, at=now)
    return pdf(request, guide)


@posted_from("articles:guide-download")
def renew(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a new link to the address of an expired one."""
    try:
        guide_request, _is_over = read_token(token)
    except GuideRequest.DoesNotExist as error:
        raise Http404 from error
    now = timezone.now()
    guide = guide_request.guide
    if guide.publication_status(at=now) != "published":
        return gone(request)
    if not within_limits(request, guide_request.email):
        return too_many(request)
    services.resend_guide(request=guide_request, at=now)
    # The holder of a forwarded link is not told whose address it was.
    remember(request, guide_request, address="")
    return redirect("articles:guide-sent", guide.slug)


@posted_from("articles:guide-detail")
def take(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Hand the PDF to somebody who is logged in; others find the form again."""
    now = timezone.now()
    guide = get_object_or_404(published_guides(at=now), slug=slug)
    if not request.user.is_authenticated:
        return redirect(guide)
    article = Article.objects.named(request.POST.get("article", ""))
    services.take_guide(guide=guide, user=request.user, article=article, at=now)
    return pdf(request, guide)


def pdf(request: HttpRequest, guide: Guide) -> HttpResponseBase:
    response = serve_private(
        request,
        guide.file,
        content_type="application/pdf",
        filename=f"{guide.slug}.pdf",
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def page_of(guide: Guide) -> dict[str, Any]:
    """Return what the page of a guide shows besides its form."""
    now = timezone.now()
    articles = Article.objects.published(at=now).filter(guide=guide)
    return {
        "articles": articles.newest_first()[:3],
        "canonical_url": settings.SITE_URL + guide.get_absolute_url(),
        "social_image": settings.SITE_URL + guide.cover.url,
    }


def gone(request: HttpRequest) -> HttpResponse:
    guides = published_guides(at=timezone.now())[:3]
    return render(request, "articles/guide_gone.html", {"guides": guides}, status=410)


def within_limits(request: HttpRequest, address: str) -> bool:
    """Count one try of this visitor and of this address."""
    digest = hashlib.sha256(address.lower().encode()).hexdigest()
    visitor = hit("guide-visitor", client_ip(request), limit=A_VISITOR_AN_HOUR)
    return hit("guide-address", digest, limit=AN_ADDRESS_AN_HOUR) and visitor


def too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "articles/guide_limited.html", status=429)


def account_of(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def remember(request: HttpRequest, sent: GuideRequest, *, address: str) -> None:
    """Keep in this visitor's session what can be sent again."""
    requests = request.session.get(SESSION_KEY, {})
    requests[sent.guide.slug] = {"id": sent.pk, "address": address}
    request.session[SESSION_KEY] = requests
