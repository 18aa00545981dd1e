"""Questions from a spreadsheet: every mistake is told by line and column, then all or none."""

import pytest

from courses import services
from courses.models import CourseVersion, Question
from tests.factories.courses import (
    CourseFactory,
    LessonFactory,
    ObjectiveFactory,
    QuizFactory,
)

pytestmark = pytest.mark.django_db

HEAD = (
    "question,kind,objective,choice 1,choice 2,choice 3,choice 4,choice 5,choice 6,"
    "right,explanation,review lesson,keeps order"
)
GOOD = "Which bone?,single,1,Sitting bone,Kneecap,,,,,A,It starts there.,palpation,yes"


@pytest.fixture
def course():
    made = CourseFactory(published_at=None)
    ObjectiveFactory(course=made, text="Name the landmarks")
    LessonFactory(module__course=made, slug="palpation")
    return made


def plan(course, *lines, quiz=None):
    return services.plan_import(
        course=course, quiz=quiz, text="\n".join([HEAD, *lines])
    )


def faults(course, *lines):
    return [str(fault) for fault in plan(course, *lines).faults]


def store(course, *lines, quiz=None, at=None):
    text = "\n".join([HEAD, *lines])
    return services.import_questions(course=course, quiz=quiz, text=text, at=at)


def test_a_row_becomes_a_question_with_all_that_it_names(course, noon):
    store(course, GOOD, at=noon)

    question = Question.objects.get()
    assert question.course == course
    assert question.quiz is None
    assert (question.text, question.kind) == ("Which bone?", "single")
    assert question.objective.text == "Name the landmarks"
    assert question.review_lesson.slug == "palpation"
    assert question.explanation == "It starts there."
    assert question.keeps_order
    assert list(
        question.choices.order_by("weight").values_list("text", "is_correct")
    ) == [
        ("Sitting bone", True),
        ("Kneecap", False),
    ]


def test_questions_go_to_a_quiz_behind_those_that_are_there(course, noon):
    quiz = QuizFactory(lesson__module__course=course)
    store(course, GOOD, quiz=quiz, at=noon)

    store(course, GOOD.replace("Which bone", "What else"), quiz=quiz, at=noon)

    found = quiz.questions.order_by("weight").values_list("text", flat=True)
    assert list(found) == ["Which bone?", "What else?"]


def test_the_same_file_twice_doubles_nothing_and_says_so_before(course, noon):
    store(course, GOOD, at=noon)

    again = plan(course, GOOD.replace("Which bone?", "which  BONE?"), "New" + GOOD)
    store(course, GOOD, at=noon)

    assert [row.is_known for row in again.rows] == [True, False]
    assert Question.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffquestion;right;choice 1;choice 2;explanation\r\nÄ?;A, B;é;b, c;so\r\n",
        'Question , Right,Choice 1,choice 2,explanation\rÄ?,"A, B",é,"b, c",so',
    ],
    ids=["Excel's semicolons with BOM", "commas without BOM, old line ends"],
)
def test_a_file_is_read_as_spreadsheets_write_it(course, content):
    text = services.decode_csv(content.encode())

    [row] = services.plan_import(course=course, quiz=None, text=text).rows

    assert row.text == "Ä?"
    assert row.choices == [("é", True), ("b, c", True)]
    assert [str(one) for one in row.faults] == [
        "Line 2, right: Only multiple choice has several right answers."
    ]


def test_a_statement_needs_no_answers_of_its_own(course):
    [row] = plan(course, "Soleus crosses the knee.,true_false,,,,,,,,false,No.,,").rows

    assert row.faults == []
    assert row.choices == [("True", False), ("False", True)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (",single,,a,b,,,,,A,x,,", "Line 2, question: Write the question."),
        (
            f"{'q' * 501},single,,a,b,,,,,A,x,,",
            "Line 2, question: At most 500 characters.",
        ),
        (
            "Q,essay,,a,b,,,,,A,x,,",
            "Line 2, kind: “essay” is none of single, multiple, true_false.",
        ),
        ("Q,,7,a,b,,,,,A,x,,", "Line 2, objective: The course has no objective “7”."),
        ("Q,,,a,,,,,,A,x,,", "Line 2, choice 2: Offer at least two answers."),
        (
            "Q,,,a,,c,,,,A,x,,",
            "Line 2, choice 2: This answer is empty, and another follows it.",
        ),
        (
            f"Q,,,a,{'b' * 301},,,,,A,x,,",
            "Line 2, choice 2: At most 300 characters.",
        ),
        (
            "Q,true_false,,a,b,c,,,,A,x,,",
            "Line 2, choice 3: True or false has two answers.",
        ),
        ("Q,,,a,b,,,,,C,x,,", "Line 2, right: There is no answer C."),
        (
            "Q,,,a,b,,,,,,x,,",
            "Line 2, right: Name the right answer by its letter, such as A.",
        ),
        ("Q,,,a,b,,,,,A,,,", "Line 2, explanation: Explain the right answer."),
        (
            "Q,,,a,b,,,,,A,x,gone,",
            "Line 2, review lesson: The course has no lesson with the address “gone”.",
        ),
        ("Q,,,a,b,,,,,A,x,,maybe", "Line 2, keeps order: Write yes or no."),
    ],
)
def test_each_mistake_is_told_by_line_and_column(course, line, told):
    assert faults(course, line) == [told]


def test_the_same_answer_and_the_same_question_twice_are_told(course):
    assert faults(course, "Q,,,a,A,,,,,A,x,,", GOOD, "", GOOD) == [
        "Line 2, choice 1: This answer stands twice.",
        "Line 2, choice 2: This answer stands twice.",
        "Line 5, question: The same question stands in line 3.",
    ]


def test_a_cell_of_several_lines_counts_them(course):
    wrong = "Q,,,a,b,,,,,C,x,,"

    told = faults(course, '"Two\nlines?",,,a,b,,,,,A,x,,', wrong)

    assert told == ["Line 4, right: There is no answer C."]


def test_a_file_with_one_mistake_stores_nothing(course, noon):
    with pytest.raises(services.ImportRefusedError):
        store(course, GOOD, "Q,,,a,b,,,,,C,x,,", at=noon)

    assert not Question.objects.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Line 1 lacks the column question, choice 1"),
        ("question,color", "names a column that is not known: color"),
        (f"{HEAD},right", "names a column twice: right"),
        (HEAD, "holds no question"),
        (f"{HEAD}\n{GOOD},more", "Line 2 has more cells"),
        (f'{HEAD}\n"open', "Line 2 cannot be read"),
        (f"{HEAD}\n" + "\n".join([GOOD] * 501), "more than 500 questions"),
        ("question\0", "This is no CSV file"),
        (f"{HEAD}\n{'x' * 2**20}", "larger than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(course, text, sentence):
    with pytest.raises(services.ImportRefusedError, match=sentence):
        services.plan_import(course=course, quiz=None, text=text)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("Ä".encode("latin-1"), "save it as “CSV UTF-8”"),
        (b"x" * (2**20 + 1), "larger than 1 MB"),
    ],
)
def test_bytes_that_are_no_text_of_ours_are_refused(content, sentence):
    with pytest.raises(services.ImportRefusedError, match=sentence):
        services.decode_csv(content)


def test_questions_of_a_live_course_begin_a_new_version(course, noon):
    course.published_at = noon
    course.save()
    services.current_version(course=course, at=noon)

    store(course, GOOD, at=noon)
    store(course, GOOD, at=noon)

    assert CourseVersion.objects.filter(course=course).count() == 2
