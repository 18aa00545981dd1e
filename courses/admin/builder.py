"""The builder of a course: its outline, checklist and hours, and what is done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from core.errors import DomainError
from core.preview import make_token
from courses import services
from courses.admin.builder_forms import (
    ArrangementForm,
    ConfirmedImportForm,
    DuplicateForm,
    ImportForm,
    ModuleForm,
)
from courses.admin.launch import tell_refusal, told_gaps
from courses.models import Course, Lesson, Module, Quiz, Syllabus

TEMPLATE = """\ufeff\
question,kind,objective,choice 1,choice 2,choice 3,choice 4,choice 5,choice 6,right,explanation,review lesson,keeps order
Which bone do the three long hamstring muscles share?,single,1,The sitting bone,The kneecap,The heel bone,The collarbone,,,A,All three begin at the sitting bone.,,no
Which of these belong to the quadriceps? Choose 2.,multiple,1,Rectus femoris,Soleus,Vastus lateralis,Piriformis,,,"A, C",Both straighten the knee.,,no
Soleus crosses the knee.,true_false,,True,False,,,,,B,It begins below the knee.,,yes
"""

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class OutlineRow:
    """One lesson on the page of the outline."""

    lesson: Any
    quiz: Quiz | None
    question_count: int
    preview_url: str
    position: Any
    module: Any

    @property
    def is_asking(self) -> bool:
        """Say whether the lesson has questions, or is nothing without them."""
        kinds = {Lesson.Kind.QUIZ, Lesson.Kind.CHECK}
        return self.quiz is not None or self.lesson.kind in kinds


@dataclass(frozen=True)
class OutlineSection:
    """One module on the page of the outline."""

    module: Module
    position: Any
    rows: list[OutlineRow]


def of_course(view: View) -> View:
    """Hand the view a course that the person may change."""

    @wraps(view)
    def wrapper(self: Any, request: HttpRequest, pk: int) -> HttpResponseBase:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return view(self, request, get_object_or_404(Course, pk=pk))

    return wrapper


def posted(view: View) -> View:
    """Take POST alone; who opens the address is led to the outline."""

    @wraps(view)
    def wrapper(self: Any, request: HttpRequest, course: Course) -> HttpResponseBase:
        if request.method != "POST":
            return redirect(self.outline_url(course))
        return view(self, request, course)

    return wrapper


class CourseBuilderMixin:
    """Adds the pages of the builder to the admin of courses."""

    def get_urls(self) -> list[URLPattern]:
        pages = {
            "outline": ("outline/", self.outline_view),
            "arrange": ("outline/arrange/", self.arrange_view),
            "add_module": ("outline/add-module/", self.add_module_view),
            "publish": ("publish/", self.publish_view),
            "duplicate": ("duplicate/", self.duplicate_view),
            "import": ("questions/import/", self.import_view),
            "import_confirm": ("questions/import/confirm/", self.import_confirm_view),
            "import_template": ("questions/template.csv", self.import_template_view),
        }
        guard = self.admin_site.admin_view  # type: ignore[attr-defined] # a mixin of ModelAdmin
        own = [
            path(f"<int:pk>/{ending}", guard(view), name=f"courses_course_{name}")
            for name, (ending, view) in pages.items()
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc] # a mixin of ModelAdmin

    def outline_url(self, course: Course) -> str:
        return reverse("admin:courses_course_outline", args=[course.pk])

    @of_course
    def outline_view(self, request: HttpRequest, course: Course) -> HttpResponse:
        return self._outline(request, Syllabus(course))

    @of_course
    @posted
    def arrange_view(self, request: HttpRequest, course: Course) -> HttpResponseBase:
        syllabus = Syllabus(course)
        form = ArrangementForm(request.POST, syllabus=syllabus)
        if not form.is_valid():
            return self._outline(request, syllabus, arrangement=form)
        try:
            services.arrange(course=course, modules=form.modules, lessons=form.lessons)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            self._log(request, course, "Arranged the outline.")
            messages.success(request, "The order is saved.")
        return redirect(self.outline_url(course))

    @of_course
    @posted
    def add_module_view(self, request: HttpRequest, course: Course) -> HttpResponseBase:
        form = ModuleForm(request.POST)
        if not form.is_valid():
            return self._outline(request, Syllabus(course), module_form=form)
        title = form.cleaned_data["title"]
        module = services.add_module(course=course, title=title)
        self._log(request, course, f"Added module “{module}”.")
        messages.success(request, f"Module “{module}” is there. Add its lessons.")
        return redirect(f"{self.outline_url(course)}#module-{module.pk}")

    @of_course
    @posted
    def publish_view(self, request: HttpRequest, course: Course) -> HttpResponseBase:
        try:
            services.publish(course=course, at=timezone.now())
        except services.LaunchRefusedError as error:
            tell_refusal(request, error.gaps)
        else:
            self._log(request, course, "Published.")
            messages.success(request, f"{course} is published.")
        return redirect(self.outline_url(course))

    @of_course
    def duplicate_view(self, request: HttpRequest, course: Course) -> HttpResponseBase:
        form = DuplicateForm.of(course, request.POST or None)
        if request.method == "POST" and form.is_valid():
            title, slug = form.cleaned_data["title"], form.cleaned_data["slug"]
            try:
                copy = services.duplicate_course(course=course, title=title, slug=slug)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                self._log(request, copy, f"Copied from {course}.")
                messages.success(request, f"{copy} is a draft. Nothing else changed.")
                return redirect(self.outline_url(copy))
        return self._page(request, course, "duplicate", "Duplicate", form=form)

    @of_course
    def import_view(self, request: HttpRequest, course: Course) -> HttpResponseBase:
        form = ImportForm(
            request.POST or None,
            request.FILES or None,
            course=course,
            initial={"quiz": request.GET.get("quiz")},
        )
        if request.method == "POST" and form.is_valid():
            quiz, text = form.cleaned_data["quiz"], form.cleaned_data["file"]
            try:
                plan = services.plan_import(course=course, quiz=quiz, text=text)
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                return self._import_plan(request, course, quiz, text, plan)
        return self._page(request, course, "import", "Import questions", form=form)

    @of_course
    @posted
    def import_confirm_view(
        self, request: HttpRequest, course: Course
    ) -> HttpResponseBase:
        form = ConfirmedImportForm(request.POST, course=course)
        again = reverse("admin:courses_course_import", args=[course.pk])
        if not form.is_valid():
            messages.error(request, "Nothing was imported. Choose the file once more.")
            return redirect(again)
        quiz, text = form.cleaned_data["quiz"], form.cleaned_data["text"]
        try:
            plan = services.import_questions(
                course=course, quiz=quiz, text=text, at=timezone.now()
            )
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(again)
        if plan.new:
            self._log(request, course, f"Imported {len(plan.new)} questions.")
        messages.success(request, _told_import(plan))
        return redirect(self.outline_url(course))

    @of_course
    def import_template_view(
        self, _request: HttpRequest, _course: Course
    ) -> HttpResponse:
        response = HttpResponse(TEMPLATE, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="questions.csv"'
        return response

    def _import_plan(
        self,
        request: HttpRequest,
        course: Course,
        quiz: Quiz | None,
        text: str,
        plan: services.ImportPlan,
    ) -> HttpResponse:
        return self._page(
            request,
            course,
            "import_plan",
            "Import questions",
            plan=plan,
            quiz=quiz,
            note=_note_unasked(course, quiz),
            form=ConfirmedImportForm(
                initial={"quiz": quiz, "text": text}, course=course
            ),
        )

    def _outline(
        self,
        request: HttpRequest,
        syllabus: Syllabus,
        *,
        arrangement: ArrangementForm | None = None,
        module_form: ModuleForm | None = None,
    ) -> HttpResponse:
        course, at = syllabus.course, timezone.now()
        status = course.publication_status(at=at)
        form = arrangement or ArrangementForm(syllabus=syllabus)
        query = "" if status == "published" else f"?preview={make_token(course)}"
        checklist = services.launch_checklist(syllabus, at=at)
        workload = services.measure(syllabus.lessons)
        return self._page(
            request,
            course,
            "outline",
            "Builder",
            status=status,
            checklist=[
                (one, told_gaps(one.gaps) if one.gaps else "") for one in checklist
            ],
            is_ready=all(one.is_met for one in checklist),
            sections=_sections(syllabus, form, query=query),
            arrangement=form,
            module_form=module_form or ModuleForm(),
            preview_url=f"{course.get_absolute_url()}{query}",
            workload=workload,
            media_minutes=round(workload.media_seconds / 60),
            claimed_minutes=round(course.contact_hours * 60),
            counts=services.count_hours(workload),
            reported=services.reported_time(course),
            bank_count=sum(one.quiz_id is None for one in syllabus.questions),
        )

    def _page(
        self,
        request: HttpRequest,
        course: Course,
        template: str,
        title: str,
        **context: Any,
    ) -> HttpResponse:
        site = self.admin_site.each_context(request)  # type: ignore[attr-defined] # a mixin of ModelAdmin
        shown = {
            **site,
            "opts": Course._meta,
            "original": course,
            "title": f"{course}" if template == "outline" else f"{title}: {course}",
            "page_name": title,
            **context,
        }
        return render(request, f"admin/courses/course/{template}.html", shown)

    def _log(self, request: HttpRequest, course: Course, message: str) -> None:
        self.log_change(request, course, message)  # type: ignore[attr-defined] # a mixin of ModelAdmin


def _note_unasked(course: Course, quiz: Quiz | None) -> str:
    """Say so where the questions would be asked by nobody."""
    if quiz is not None and quiz.per_objective is not None:
        return (
            "This quiz draws its questions from the bank: it does not ask those of its "
            "own. Choose the bank instead."
        )
    drawing = Quiz.objects.filter(lesson__course=course, per_objective__isnull=False)
    if quiz is None and not drawing.exists():
        return (
            "No quiz of this course draws from the bank yet. Set “Questions for each "
            "objective” in a quiz, or nobody is asked these."
        )
    return ""


def _told_import(plan: services.ImportPlan) -> str:
    new, known = len(plan.new), len(plan.known)
    told = f"{new} question{pluralize(new)} imported."
    if known:
        told += f" {known} {'was' if known == 1 else 'were'} there already."
    return told


def _sections(
    syllabus: Syllabus, form: ArrangementForm, *, query: str
) -> list[OutlineSection]:
    return [
        OutlineSection(
            module=module,
            position=form[f"module-{module.pk}"],
            rows=[
                _row(syllabus, lesson, form, query=query)
                for lesson in syllabus.lessons_of(module)
            ],
        )
        for module in syllabus.modules
    ]


def _row(
    syllabus: Syllabus, lesson: Lesson, form: ArrangementForm, *, query: str
) -> OutlineRow:
    quiz = syllabus.quiz_of(lesson)
    return OutlineRow(
        lesson=lesson,
        quiz=quiz,
        question_count=len(syllabus.asked_by(quiz)) if quiz else 0,
        preview_url=f"{lesson.get_absolute_url()}{query}",
        position=form[f"lesson-{lesson.pk}"],
        module=form[f"lesson-{lesson.pk}-module"],
    )
