from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from core.templatetags import components


def render(source, path="/", **context):
    request = RequestFactory().get(path)
    return Template(source).render(Context({"request": request, **context}))


class SampleForm(forms.Form):
    email = forms.EmailField(help_text="We never share it.")
    reply = forms.ChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect
    )
    note = forms.CharField(required=False)
    agree = forms.BooleanField(required=False)

    def clean(self):
        raise forms.ValidationError("Choose another day")


def test_callout_escapes_its_title_and_keeps_its_content():
    html = render(
        '{% callout title=title tone="bad" %}<p>Stop</p>{% endcallout %}', title="<b>"
    )

    assert "c-callout--bad" in html
    assert "&lt;b&gt;" in html
    assert "<p>Stop</p>" in html


@pytest.mark.parametrize(("level", "tag"), [(2, "h2"), (3, "h3"), (0, "p")])
def test_callout_title_is_a_heading_of_the_asked_level(level, tag):
    html = render(
        '{% callout title="Note" level=level %}x{% endcallout %}', level=level
    )

    assert f"<{tag}" in html


def test_banner_is_a_status():
    html = render('{% banner tone="warn" %}<p>x</p>{% endbanner %}')

    assert 'role="status"' in html
    assert "c-banner--warn" in html


def test_empty_shows_art_only_when_it_has_some():
    assert "<img" not in render('{% empty title="None" %}x{% endempty %}')
    assert "img/empty.svg" in render(
        '{% empty title="None" art="img/empty.svg" %}x{% endempty %}'
    )


def test_badge_escapes_its_text():
    assert "&lt;i&gt;" in render("{% badge text %}", text="<i>")


def test_breadcrumbs_mark_the_last_single_label_as_the_current_page():
    html = render('{% breadcrumbs "Home" "/" "Articles" "/articles/" "Here" %}')

    assert html.count("<a ") == 2
    assert '<span aria-current="page">Here</span>' in html


def test_breadcrumbs_of_pairs_alone_have_no_current_page():
    assert "aria-current" not in render('{% breadcrumbs "Home" "/" %}')


@pytest.mark.parametrize(("percent", "shown"), [(35.9, 35), (-5, 0), (140, 100)])
def test_progress_stays_between_zero_and_a_hundred(percent, shown):
    ring = render("{% progress_ring percent %}", percent=percent)
    bar = render('{% progress_bar percent label="Lessons" %}', percent=percent)

    assert f'aria-label="{shown}% complete"' in ring
    assert f'value="{shown}"' in bar


def test_progress_uses_no_inline_style():
    assert "style=" not in render('{% progress_ring 5 %}{% progress_bar 5 label="x" %}')


def test_pagination_keeps_the_filters():
    page = Paginator(range(90), 10).page(2)

    html = render(
        "{% pagination page %}", path="/courses/?level=a&level=b&page=2", page=page
    )

    assert 'href="?level=a&amp;level=b&amp;page=1"' in html
    assert 'aria-current="page"' in html


def test_pagination_of_one_page_prints_nothing():
    page = Paginator(range(3), 10).page(1)

    assert not render("{% pagination page %}", page=page).strip()


def test_error_summary_links_each_error_to_its_field():
    form = SampleForm({"email": "maya"})

    html = render("{% error_summary form %}", form=form)

    assert 'href="#id_email"' in html
    assert 'href="#id_reply_0"' in html
    assert "Choose another day" in html


def test_error_summary_names_the_field_where_several_have_the_same_words():
    same = render("{% error_summary form %}", form=SampleForm({}))
    alone = render("{% error_summary form %}", form=SampleForm({"reply": "a"}))

    assert '<a href="#id_email">Email: This field is required.</a>' in same
    assert '<a href="#id_reply_0">Reply: This field is required.</a>' in same
    assert '<a href="#id_email">This field is required.</a>' in alone


def test_error_summary_of_a_fresh_form_prints_nothing():
    assert not render("{% error_summary form %}", form=SampleForm())


def test_field_ties_label_hint_and_error_to_its_input():
    html = str(SampleForm({"email": "maya"}))

    assert '<label for="id_email">Email</label>' in html
    assert 'aria-describedby="id_email_helptext id_email_error"' in html
    assert 'id="id_email_helptext"' in html
    assert 'id="id_email_error"' in html
    assert 'aria-invalid="true"' in html


def test_field_says_when_it_is_optional():
    html = str(SampleForm())

    assert "Note (optional)" in html
    assert "Agree (optional)" not in html


def test_radio_field_is_a_fieldset_with_a_legend():
    html = str(SampleForm())

    assert "<legend>Reply</legend>" in html


def test_nav_link_marks_the_page_and_the_pages_below_it():
    link = '{% nav_link "Courses" "courses:course-list" %}'

    assert 'aria-current="page"' in render(link, path="/courses/")
    assert 'aria-current="true"' in render(link, path="/courses/hip/")
    assert "aria-current" not in render(link, path="/articles/")


def test_nav_link_that_is_exact_ignores_the_pages_below_it():
    link = '{% nav_link "Profile" "accounts:profile-update" exact=True %}'

    assert "aria-current" not in render(link, path="/account/billing/")


def test_rich_drops_what_our_rich_text_does_not_use():
    html = components.rich(
        '<h3>Why</h3><script>alert(1)</script><p onclick="x">Text</p>'
    )

    assert html == "<h3>Why</h3><p>Text</p>"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(25, "0:25"), (625, "10:25"), (3723, "1:02:03"), (None, "0:00")],
)
def test_duration(seconds, text):
    assert components.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("3.00"), "3.0"), (Decimal("1.25"), "1.25"), (2.5, "2.5"), (10, "10.0")],
)
def test_hours(value, text):
    assert components.hours(value) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (1, "1 minute"),
        (38, "38 minutes"),
        (60, "1 hour"),
        (125, "2 hours 5 minutes"),
        (None, "0 minutes"),
    ],
)
def test_minutes_words(minutes, text):
    assert components.minutes_words(minutes) == text
