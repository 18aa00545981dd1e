"""Reviews: who may write one, what others see of it, and what staff may do."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Profession
from courses import services
from courses.models import Course, Evaluation, Review
from tests.factories.accounts import UserFactory
from tests.factories.courses import (
    CompletedEnrollmentFactory,
    CourseFactory,
    EnrollmentFactory,
    ReviewFactory,
)
from tests.support import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

GOOD = services.Verdict(stars=4, text=" Clear and short. ", shows_name=True)
CATALOG = reverse("courses:course-list")


@pytest.fixture
def massage():
    return Profession.objects.create(
        slug="massage-therapist",
        name="Massage therapist",
        name_plural="Massage therapists",
    )


@pytest.fixture
def done(massage):
    """Return an enrollment in a completed course."""
    user = UserFactory(name="Maya Lindqvist", profession=massage)
    return CompletedEnrollmentFactory(user=user, course__slug="hips")


@pytest.fixture
def moderator():
    staff = UserFactory(is_staff=True)
    for codename in ("view_review", "hide_review"):
        staff.user_permissions.add(Permission.objects.get(codename=codename))
    return staff


def url(role, course):
    return reverse(f"courses:review-{role}", args=[course.slug])


def rated(course):
    """Return the course as a card of the catalog shows it."""
    return Course.objects.with_catalog_facts().get(pk=course.pk)


def test_stars_are_one_to_five():
    for stars in (0, 6):
        with refused("courses_review_stars_are_one_to_five"):
            ReviewFactory(stars=stars)


@pytest.mark.parametrize(
    "fields", [{"hidden_reason": ""}, {"hidden_by": None}, {"hidden_at": None}]
)
def test_a_hidden_review_says_when_by_whom_and_why(noon, fields):
    hidden = {"hidden_at": noon, "hidden_by": UserFactory(), "hidden_reason": "Insult"}

    with refused("courses_review_hidden_by_whom_and_why"):
        ReviewFactory(**{**hidden, **fields})


def test_a_course_that_is_not_completed_cannot_be_reviewed(noon):
    with pytest.raises(services.ReviewRefusedError, match="Complete the course"):
        services.write_review(enrollment=EnrollmentFactory(), verdict=GOOD, at=noon)

    assert not Review.objects.exists()


def test_a_second_review_takes_the_place_of_the_first(done, noon, clock):
    first = services.write_review(enrollment=done, verdict=GOOD, at=noon)
    better = services.Verdict(stars=5, text="", shows_name=False)
    services.write_review(enrollment=done, verdict=better, at=noon.replace(year=2027))

    review = Review.objects.get()
    assert review == first
    assert (review.stars, review.text, review.shows_name) == (5, "", False)
    assert review.written_at == noon
    assert review.course == done.course


def test_a_change_does_not_show_a_hidden_review_again(done, noon):
    review = services.write_review(enrollment=done, verdict=GOOD, at=noon)
    services.hide_review(
        review=review, reason="Names a client", by=UserFactory(), at=noon
    )

    services.write_review(enrollment=done, verdict=GOOD, at=noon)
    services.delete_review(enrollment=done)

    assert Review.objects.get().hidden_reason == "Names a client"
    assert not Review.objects.shown().exists()


def test_hiding_twice_keeps_the_first_reason_and_showing_clears_it(noon):
    review, first, second = ReviewFactory(), UserFactory(), UserFactory()
    services.hide_review(review=review, reason="Insult", by=first, at=noon)
    hidden = services.hide_review(review=review, reason="Other", by=second, at=noon)

    assert (hidden.hidden_by, hidden.hidden_reason) == (first, "Insult")
    assert services.show_review(review=review).hidden_at is None


@pytest.mark.parametrize(
    ("name", "shows_name", "author"),
    [
        ("Maya Lindqvist", True, "Maya, massage therapist"),
        ("Maya Lindqvist", False, "Massage therapist"),
        ("", True, "Massage therapist"),
    ],
)
def test_a_review_is_signed_as_its_writer_chose(done, name, shows_name, author):
    done.user.name = name
    done.user.save()
    review = ReviewFactory(
        enrollment=done, profession=done.user.profession, shows_name=shows_name
    )

    assert review.author == author


def test_a_writer_without_a_profession_is_a_learner():
    assert ReviewFactory().author == "Learner"


def test_a_card_shows_the_average_of_three_reviews_and_of_fewer_none(client):
    course = CourseFactory()
    ReviewFactory.create_batch(2, enrollment__course=course, stars=5)
    few, page = rated(course), client.get(CATALOG).content.decode()
    ReviewFactory(enrollment__course=course, stars=3)

    enough = rated(course)
    assert few.rating_count is few.rating_average is None
    assert "from" not in page.partition("c-card")[2].partition("</li>")[0]
    assert (enough.rating_count, round(enough.rating_average, 2)) == (3, 4.33)
    assert (
        "<strong>4.3</strong> of 5 from 3 reviews"
        in client.get(CATALOG).content.decode()
    )


def test_a_hidden_review_is_neither_shown_nor_counted(client, noon):
    course = CourseFactory()
    ReviewFactory.create_batch(3, enrollment__course=course, stars=5)
    bad = ReviewFactory(enrollment__course=course, stars=1, text="An insult")

    services.hide_review(review=bad, reason="Insult", by=UserFactory(), at=noon)

    assert rated(course).rating_count == 3
    assert rated(course).rating_average == 5
    for page in (course.get_absolute_url(), url("list", course)):
        html = client.get(page).content.decode()
        assert "An insult" not in html
        assert "<strong>5.0</strong> of 5 from 3 reviews" in html


def test_an_evaluation_is_no_review(done):
    Evaluation.objects.create(
        version=done.version,
        objectives={},
        overall=1,
        instructor=1,
        is_current=1,
        is_unbiased=1,
        minutes=60,
        submitted_date="2026-06-01",
    )

    assert rated(done.course).rating_count is None
    assert not Review.objects.exists()


def test_the_course_page_shows_three_reviews_and_escapes_their_words(client, massage):
    course = CourseFactory()
    ReviewFactory.create_batch(3, enrollment__course=course, text="Kept short")
    ReviewFactory(
        enrollment__course=course, text="<script>x</script>", profession=massage
    )

    html = client.get(course.get_absolute_url()).content.decode()

    assert html.count("Kept short") == 2
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert url("list", course) in html


def test_reviews_are_listed_by_profession(client, massage):
    course = CourseFactory()
    ReviewFactory(
        enrollment__course=course, text="From a therapist", profession=massage
    )
    ReviewFactory(enrollment__course=course, text="From somebody")

    everybody = client.get(url("list", course)).content.decode()
    therapists = client.get(url("list", course), {"profession": "massage-therapist"})
    nobody = client.get(url("list", course), {"profession": "none"}).content.decode()

    assert "From a therapist" in everybody
    assert "From somebody" in everybody
    assert "From a therapist" in therapists.content.decode()
    assert "From somebody" not in therapists.content.decode()
    assert "No reviews here yet" in nobody
    assert client.get(url("list", course), {"page": "2"}).status_code == 404


def test_the_pages_of_reviews_cost_the_same_with_3_and_60(
    client, massage, django_assert_max_num_queries
):
    course = CourseFactory()
    ReviewFactory.create_batch(60, enrollment__course=course, profession=massage)

    with django_assert_max_num_queries(7):
        client.get(url("list", course))
    with django_assert_max_num_queries(12):
        client.get(course.get_absolute_url())


def test_who_completed_a_course_writes_changes_and_deletes_a_review(client, done):
    client.force_login(done.user)
    page = url("update", done.course)
    asked = client.get(done.course.get_absolute_url()).content.decode()

    sent = {"stars": "4", "text": "Clear and short.", "shows_name": "on"}
    assert client.post(page, sent).url == done.course.get_absolute_url()
    client.post(page, sent)

    assert "Write a review" in asked
    assert Review.objects.get().author == "Maya, massage therapist"
    form = client.get(page).content.decode()
    assert "Clear and short." in form
    assert 'value="4" id="id_stars_1" checked' in form.replace(" required", "")
    assert (
        "Change your review"
        in client.get(done.course.get_absolute_url()).content.decode()
    )
    for _twice in range(2):
        assert client.post(url("delete", done.course)).status_code == 302
    assert not Review.objects.exists()


@pytest.mark.parametrize("stars", ["", "0", "6", "many", "4.5"])
def test_a_review_without_stars_is_asked_for_them_and_keeps_the_words(
    client, done, stars
):
    client.force_login(done.user)

    html = client.post(
        url("update", done.course), {"stars": stars, "text": "My words"}
    ).content.decode()

    assert "My words" in html
    assert 'href="#id_stars_0"' in html
    assert not Review.objects.exists()


def test_who_has_not_completed_the_course_is_led_back_to_it(client, member):
    started = EnrollmentFactory(user=member)
    other = CompletedEnrollmentFactory()
    client.force_login(member)

    for course in (started.course, other.course):
        for send in (client.get, client.post):
            response = send(url("update", course), {"stars": "5"})
            assert response.url == course.get_absolute_url()
    assert not Review.objects.exists()


def test_a_visitor_logs_in_before_writing(client, done):
    response = client.get(url("update", done.course))

    assert response.url.startswith(reverse("account_login"))


def test_nobody_deletes_the_review_of_somebody_else(client, member):
    review = ReviewFactory()
    CompletedEnrollmentFactory(user=member, course=review.course)
    client.force_login(member)

    client.post(url("delete", review.course))

    assert Review.objects.get() == review


def test_staff_hide_a_review_with_a_reason_and_show_it_again(client, moderator, noon):
    review = ReviewFactory(text="An insult")
    client.force_login(moderator)
    page = reverse("admin:courses_review_hide", args=[review.pk])
    listed = reverse("admin:courses_review_changelist")

    without = client.post(page, {"reason": ""}).content.decode()
    client.post(page, {"reason": "Insults a colleague"})
    review.refresh_from_db()

    assert "Enter the reason." in without
    assert (review.hidden_at, review.hidden_by) == (noon, moderator)
    assert "Insults a colleague" in client.get(listed).content.decode()
    client.post(listed, {"action": "show_again", "_selected_action": [review.pk]})
    assert Review.objects.shown().get() == review


def test_staff_without_the_permission_neither_hide_nor_show(client, noon):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_review"))
    client.force_login(staff)
    review = ReviewFactory()
    page = reverse("admin:courses_review_hide", args=[review.pk])

    assert client.post(page, {"reason": "Because"}).status_code == 403

    services.hide_review(review=review, reason="Insult", by=staff, at=noon)
    listed = reverse("admin:courses_review_changelist")
    client.post(listed, {"action": "show_again", "_selected_action": [review.pk]})
    assert not Review.objects.shown().exists()


def test_the_writer_reads_why_a_review_is_hidden(client, done, noon):
    review = services.write_review(enrollment=done, verdict=GOOD, at=noon)
    services.hide_review(
        review=review, reason="Names a client.", by=UserFactory(), at=noon
    )
    client.force_login(done.user)

    for page in (done.course.get_absolute_url(), url("update", done.course)):
        assert "Names a client." in client.get(page).content.decode()


@pytest.mark.usefixtures("kept_fragments")
def test_what_a_writer_sees_of_the_own_review_is_in_no_kept_fragment(
    client, done, noon
):
    client.get(done.course.get_absolute_url())
    client.force_login(done.user)
    services.write_review(enrollment=done, verdict=GOOD, at=noon)

    mine = client.get(done.course.get_absolute_url()).content.decode()
    client.logout()

    assert "Change your review" in mine
    assert (
        "Change your review"
        not in client.get(done.course.get_absolute_url()).content.decode()
    )
