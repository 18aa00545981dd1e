"""Brings a running site into the states that only some of its pages show."""

from datetime import timedelta
from uuid import uuid4

import time_machine
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.emails import account_email
from accounts.models import User
from articles import emails as article_emails, services as articles
from articles.models import Article, Guide, GuideRequest
from billing import services as billing
from billing.models import Price
from certification import emails as certification_emails, services as certification
from certification.models import Certificate
from courses import emails as course_emails, services as courses, tasks
from courses.models import (
    Course,
    CourseEmail,
    EmailDelivery,
    Enrollment,
    Lesson,
    LessonQuestion,
    VideoStream,
)
from mail import emails as mail_emails
from mail.models import unsubscribe_url
from natcampus.demo import members, money
from tests.accounts.test_emails import EVERYTHING, NAMES
from tests.billing.samples import billing_samples, office_samples

HIP = "hip-and-thigh"
CHECK = "check-palpation"
LAST_RESORTS = (429, 500, 503)


def everything(password):
    """Return the addresses of the states, the emails and the pages of last resort."""
    review()
    addresses = {
        **certificates(),
        **withdrawn_pages(),
        **guide_links(),
        **entrances(password),
        **learning(password),
        **notes(),
    }
    return {"addresses": addresses, "emails": emails(), "errors": errors()}


def streamed_lesson():
    """Make the stream of one lesson now, as the worker does in its turn."""
    lesson = Lesson.objects.get(course__slug=HIP, slug="movement-screen")
    VideoStream.objects.note_missing()
    stream = VideoStream.objects.get(lesson=lesson)
    if stream.status != VideoStream.Status.READY:
        stream.folder, stream.heights = tasks._make(stream, tell=lambda _percent: True)
        stream.status = VideoStream.Status.READY
        stream.save()
    return lesson.get_absolute_url()


def hosted_lesson():
    """Add a lesson whose video a host plays."""
    first = Lesson.objects.filter(course__slug=HIP).in_order().first()
    lesson, _created = Lesson.objects.get_or_create(
        course=first.course,
        slug="at-a-host",
        defaults={
            "module": first.module,
            "title": "A video at a host",
            "kind": Lesson.Kind.VIDEO,
            "embed_url": "https://vimeo.com/123456789",
            "duration_seconds": 60,
            "is_required": False,
            "weight": 90,
        },
    )
    return lesson.get_absolute_url()


def account(key, name, password):
    return members.account(members.Role(key, name), password=password)


def demo_user(key):
    return User.objects.get(email=f"{key}@{members.DOMAIN}")


def review():
    """Let a demo member review a course."""
    enrollment = demo_user("certified").enrollments.get(course__slug=HIP)
    said = courses.Verdict(stars=4, text="Clear.", shows_name=True)
    courses.write_review(enrollment=enrollment, verdict=said, at=timezone.now())


def certificates():
    """Revoke one of the certificates of a demo member."""
    held = Certificate.objects.filter(user=demo_user("certified"))
    valid, revoked = held.order_by("pk")[:2]
    certification.revoke(
        certificate=revoked, reason="Issued in error.", at=timezone.now()
    )
    return {
        "valid_certificate": valid.get_absolute_url(),
        "revoked_certificate": revoked.get_absolute_url(),
        "revoked_pdf": reverse("certification:certificate-pdf", args=[revoked.code]),
    }


def withdrawn_pages():
    """Take an article and a course off the site."""
    now = timezone.now()
    article = Article.objects.get(slug="calf-cramp-at-night")
    course = Course.objects.get(slug="pain-talk")
    for page in (article, course):
        page.unpublished_at = now
        page.save(update_fields=["unpublished_at"])
    return {
        "withdrawn_article": article.get_absolute_url(),
        "withdrawn_course": course.get_absolute_url(),
    }


def guide_links():
    guide = Guide.objects.get(slug=HIP)
    address = "reader@clinic.example"
    request = articles.request_guide(guide=guide, email=address, at=timezone.now())
    with time_machine.travel(timezone.now() - timedelta(days=30)):
        token = request.token
    stop = unsubscribe_url(address=address, category="news")
    return {
        "expired_guide": reverse("articles:guide-download", args=[token]),
        "unsubscribe": stop.removeprefix(settings.SITE_URL),
    }


def entrances(password):
    """Make an account that waits for its confirmation, and one with a second factor."""
    waiting = account("waiting", "Wanda Waiting", password)
    address = EmailAddress.objects.get(user=waiting)
    address.verified = False
    address.save(update_fields=["verified"])
    protected = account("protected", "Pia Protected", password)
    TOTP.activate(protected, generate_totp_secret())
    codes = RecoveryCodes.activate(protected).generate_codes()
    forgetful = account("forgetful", "Fred Forgetful", password)
    key = default_token_generator.make_token(forgetful)
    reset = f"{user_pk_to_url_str(forgetful)}-{key}"
    return {
        "confirm_email": reverse(
            "account_confirm_email", args=[EmailConfirmationHMAC(address).key]
        ),
        "reset_password": f"/accounts/password/reset/key/{reset}/",
        "recovery_code": codes[0],
    }


def learning(password):
    """Fail a quiz, start one, finish all lessons of a course, open a payment page."""
    now = timezone.now()
    failed = attempt(demo_user("canceling"), at=now)
    courses.submit_attempt(attempt=failed, at=now)
    attempt(demo_user("past-due"), at=now)
    graduate = account("graduate", "Gina Graduate", password)
    money.grant(graduate, by=demo_user("admin"), valid_from=now, valid_until=None)
    course = Course.objects.get(slug="therapist-self-care")
    enrollment = members.enroll(graduate, course, at=now)
    for lesson in course.lessons.in_order():
        members.finish_lesson(enrollment, lesson, at=now)
    payer = account("payer", "Petra Payer", password)
    monthly = Price.objects.get(slug="membership-monthly")
    payment = billing.start_checkout(
        user=payer,
        terms=billing.offer_for(payer, prices=[monthly], at=now).terms[0],
        return_path="",
        at=now,
    )
    done = reverse("billing:checkout-done")
    return {
        "payment_page": payment.url,
        "payment_done": f"{done}?session_id={payment.stripe_session_id}",
    }


def notes():
    """Write a note and a bookmark, and ask what is published and what is not."""
    now = timezone.now()
    member = demo_user("member")
    lesson = Lesson.objects.select_related("course").get(
        course__slug=HIP, slug="finding-hamstring-trigger-points"
    )
    for text, moment in (("", 5), ("Compare both sides before you judge one.", 12)):
        note = courses.save_note(
            user=member, lesson=lesson, uuid=uuid4(), text=text, moment=moment, at=now
        )
    for text in ("How long do I hold the pressure?", "Does it help a fresh strain?"):
        question = courses.ask(
            user=member, lesson=lesson, uuid=uuid4(), text=text, at=now
        )
    answer = courses.Answer("No. Leave it alone and refer on.", True, question.text)
    courses.answer_question(
        question=question, answer=answer, by=demo_user("admin"), at=now
    )
    return {"note": reverse("courses:note-update", args=[HIP, note.uuid])}


def attempt(user, *, at):
    enrollment = Enrollment.objects.get(user=user, course__slug=HIP)
    quiz = Lesson.objects.get(course__slug=HIP, slug=CHECK).quiz
    return courses.start_attempt(enrollment=enrollment, quiz=quiz, at=at)


def emails():
    """Return the HTML of each email that the site can send, by its template."""
    now = timezone.now()
    member = demo_user("member")
    certificate = Certificate.objects.filter(revoked_at__isnull=False).get()
    to = certificate.user.email
    composed = [
        *(account_email(name=name, address=to, context=EVERYTHING) for name in NAMES),
        article_emails.guide(GuideRequest.objects.latest("pk"), at=now),
        *billing_samples(user=member, at=now),
        *office_samples(user=member, at=now),
        certification_emails.ready(certificate, to=to),
        certification_emails.revoked(certificate, to=to),
        course_emails.course_email(welcome(member), courses=[]),
        course_emails.answer(answered(member)),
        course_emails.open_questions(
            [answered(member, asked_at=now)], total=21, to=member, on=now.date()
        ),
    ]
    return {email.template: html(email) for email in composed}


def welcome(member):
    """Return the first email of a course; it is not stored."""
    return EmailDelivery(
        step=CourseEmail.objects.get(kind="welcome"),
        user=member,
        enrollment=member.enrollments.get(),
    )


def answered(member, **more):
    """Return a question with its answer; it is not stored."""
    lesson = Lesson.objects.select_related("course").first()
    return LessonQuestion(
        enrollment=member.enrollments.get(),
        lesson=lesson,
        text="How long do I hold the pressure?",
        answer="Until the tissue softens, and never longer than a minute.",
        **more,
    )


def html(email):
    return mail_emails.render(
        template=email.template,
        address=email.to,
        category=email.category,
        context=email.context,
    ).body_html


def errors():
    """Return the pages that no visit provokes at will."""
    request = Client(headers={"host": "127.0.0.1"}).get("/").wsgi_request
    return {
        code: render_to_string(f"{code}.html", request=request if code < 500 else None)
        for code in LAST_RESORTS
    }
