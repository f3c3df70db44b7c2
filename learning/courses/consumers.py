"""`/ws/course-updates/<course_id>/` and `/ws/courses/`: what is new to read."""

from collections.abc import Collection, Iterable
from typing import Any

from academy.accounts.consumers import PersonConsumer
from academy.accounts.models import User
from academy.accounts.permissions import require
from academy.platform.errors import NotFoundError
from academy.platform.realtime.hub import Frame
from learning.courses.live import NEWEST_CHANGES, reader_topic
from learning.courses.models import Course
from learning.courses.services.changes import course_topic
from learning.enrolments.models import Enrolment
from learning.rights.selectors import standing_of


class CourseUpdatesConsumer(PersonConsumer):
    """Shows which content the lessons of a course have in the release that the person reads."""

    update_type = "course_update"
    checks_each_frame = True

    @property
    def course_id(self) -> int:
        return int(self.scope["url_route"]["kwargs"]["course_id"])

    def topic_for(self, person: User) -> str:
        course = Course.objects.filter(pk=self.course_id).first()
        if course is None:
            raise NotFoundError
        require(person, "course.see", course)
        seat = standing_of(person, course_id=course.pk).seat_in(course.pk)
        return reader_topic(course, enrolment_id=seat.enrolment_id if seat else None)

    def also(self) -> Collection[str]:
        return [course_topic(self.course_id)]

    def bells(self) -> Collection[str]:
        return self.also()


class CatalogueConsumer(PersonConsumer):
    """Shows what changes in the catalogue: each change once, in order.

    With `?view=mine` it shows when the person's own page, My learning, is out of date.
    """

    update_type = "catalogue_update"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told = 0
        self._own: Collection[str] = ()

    @property
    def _is_own(self) -> bool:
        return self.query.get("view") == "mine"

    def topic_for(self, person: User) -> str:
        if not self._is_own:
            return "catalogue:all"
        seats = Enrolment.objects.filter(person_id=person.pk).order_by()
        self._own = [f"progress:{pk}" for pk in seats.values_list("pk", flat=True)]
        return f"desk:{person.pk}"

    def also(self) -> Collection[str]:
        # Of a course that is new since, the next sweep tells.
        return self._own

    def shown(self, frame: Frame) -> Frame:
        return Frame(seq=frame.seq, data={"seq": frame.seq})

    async def first(self, topic: str) -> Frame | None:
        frame = await super().first(topic)
        self._told = frame.seq if frame else 0
        return frame

    def updates(self, frame: Frame) -> Iterable[tuple[str, Frame]]:
        if self._is_own:
            return [(self.snapshot_type, self.shown(frame))]
        told, self._told = self._told, frame.seq
        changes = [change for change in frame.data["changes"] if change["seq"] > told]
        if frame.seq - told > NEWEST_CHANGES:
            # More than one frame holds: the page shows the catalogue anew.
            return [(self.snapshot_type, self.shown(frame))]
        return [
            (self.update_type, Frame(seq=change["seq"], data=change))
            for change in reversed(changes)
        ]
