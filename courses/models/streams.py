from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

from core.models import TimestampedModel
from courses.models.catalog import Lesson

# Whoever makes a stream tells that it lives; after this silence another one starts anew.
LEASE = timedelta(minutes=5)
MOST_TRIES = 3
FROM_THE_START: dict[str, Any] = {"percent": 0, "tries": 0, "error": ""}


class VideoStreamQuerySet(models.QuerySet["VideoStream"]):
    def note_missing(self) -> None:
        """Queue each video that has no stream, or one of the video before it."""
        with_video = Lesson.objects.exclude(video="")
        new = with_video.filter(stream=None)
        self.bulk_create(
            [VideoStream(lesson=lesson, source=lesson.video.name) for lesson in new],
            ignore_conflicts=True,
        )
        replaced = self.exclude(lesson__video="").exclude(lesson__video=F("source"))
        for stream in replaced.select_related("lesson"):
            self.filter(pk=stream.pk).update(
                source=stream.lesson.video.name,
                status=VideoStream.Status.QUEUED,
                **FROM_THE_START,
            )

    def ready(self, lesson: Lesson) -> "VideoStream | None":
        """Return the stream to play: that of the lesson's present video, once made."""
        made = self.filter(lesson=lesson, source=lesson.video.name)
        return made.filter(status=VideoStream.Status.READY).first()

    def claim_next(self, *, at: datetime) -> "VideoStream | None":
        """Take the oldest of the queue, unless one is being made already."""
        status = VideoStream.Status
        gone = self.filter(status=status.RUNNING, gives_up_at__lt=at)
        gone.filter(tries__gte=MOST_TRIES).update(
            status=status.FAILED,
            error="It was given up: each worker stopped before its end.",
        )
        gone.update(status=status.QUEUED)
        due = self.filter(status=status.QUEUED).order_by("updated_at", "pk").first()
        if due is None:
            return None
        mine = self.filter(pk=due.pk, status=status.QUEUED)
        try:
            with transaction.atomic():
                taken = mine.update(
                    status=status.RUNNING,
                    percent=0,
                    tries=F("tries") + 1,
                    gives_up_at=at + LEASE,
                )
        except IntegrityError:
            return None  # another worker makes one
        return self.select_related("lesson__course").get(pk=due.pk) if taken else None


class VideoStream(TimestampedModel):
    """The video of a lesson in several qualities (HLS); until it is ready the file plays."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    lesson = models.OneToOneField(
        Lesson, on_delete=models.CASCADE, related_name="stream"
    )
    source = models.CharField(max_length=255, help_text="The video it is made of.")
    status = models.CharField(max_length=16, choices=Status, default=Status.QUEUED)
    percent = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=250, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    gives_up_at = models.DateTimeField(null=True, blank=True)
    folder = models.CharField(
        max_length=100, blank=True, help_text="Of its files in the private storage."
    )
    heights = models.JSONField(default=list, help_text="Pixels of each quality.")

    objects = VideoStreamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["status"],
                condition=Q(status="running"),
                name="%(app_label)s_%(class)s_one_is_made_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="ready") | ~Q(folder=""),
                name="%(app_label)s_%(class)s_ready_has_its_files",
            ),
        ]

    def __str__(self) -> str:
        return f"Stream of {self.lesson}"

    @property
    def is_over(self) -> bool:
        return self.status in {self.Status.READY, self.Status.FAILED}
