"""`/ws/progress/<course_id>/`: a learner's own progress, or the class for those who teach it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.utils import translation

from academy.accounts.consumers import PersonConsumer
from academy.accounts.languages import spoken
from academy.accounts.models import User
from academy.accounts.permissions import Verdict
from academy.platform.errors import AcademyError, NotFoundError
from academy.platform.realtime.hub import Frame
from academy.platform.realtime.messages import Message, MessageError, Reply
from academy.platform.realtime.threads import in_writing_thread
from learning.courses.models import Course
from learning.courses.services.changes import course_topic
from learning.progress.errors import EventUnusableError, NotEnrolledError
from learning.progress.live import NEWEST_LEARNERS
from learning.progress.selectors import seq_of
from learning.progress.services import NewEvent, progress_record
from learning.progress.telling import MESSAGES, NO_LESSON, lesson_ids, moment_of
from learning.rights.selectors import standing_of


class ProgressConsumer(PersonConsumer):
    """Shows learners their document, and takes what they do; shows instructors their class.

    Who both teaches and learns gets their own, or the class with `?view=class`.
    """

    update_type = "progress_update"
    accepts = frozenset(MESSAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shown: dict[int, tuple[int, str]] = {}

    @property
    def course_id(self) -> int:
        return int(self.scope["url_route"]["kwargs"]["course_id"])

    def topic_for(self, person: User) -> str:
        course = Course.objects.filter(pk=self.course_id).first()
        if course is None:
            raise NotFoundError
        standing = standing_of(person, course_id=course.pk)
        seat = standing.seat_in(course.pk)
        view = self.query.get("view", "")
        if seat is not None and view != "class" and standing.sees(course):
            return f"progress:{seat.enrolment_id}"
        if view != "mine" and standing.verdict("class.see", course) is Verdict.ALLOWED:
            return f"class:{course.pk}"
        raise NotEnrolledError

    def bells(self) -> Collection[str]:
        return [course_topic(self.course_id)]

    @property
    def _enrolment_id(self) -> int | None:
        kind, _colon, key = self._topic.partition(":")
        return int(key) if kind == "progress" else None

    async def first(self, topic: str) -> Frame | None:
        frame = await super().first(topic)
        if frame is not None:
            self._news(frame)
        return frame

    def updates(self, frame: Frame) -> Iterable[tuple[str, Frame]]:
        if self._enrolment_id is not None:
            return [(self.update_type, frame)]
        news = self._news(frame)
        if len(news) >= NEWEST_LEARNERS:
            # More may have changed than one frame holds: the page reads its list again.
            return [(self.snapshot_type, frame)]
        return [(self.update_type, Frame(seq=frame.seq, data=data)) for data in reversed(news)]

    def _news(self, frame: Frame) -> list[Mapping[str, Any]]:
        """The learners of a class's frame that this socket was not told of, newest first."""
        news = []
        for learner in frame.data.get("learners", ()):
            enrolment_id = learner["learner"]["enrolment_id"]
            now = (learner["seq"], learner["state"])
            if self._shown.get(enrolment_id) != now:
                self._shown[enrolment_id] = now
                news.append(learner)
        return news

    async def answer(self, message: Message) -> Reply:
        return await in_writing_thread(self._written)(message)

    def _written(self, message: Message) -> Reply:
        with translation.override(spoken(self.person.language)):
            try:
                return self._told(message)
            except AcademyError as error:
                raise MessageError.of(error) from error

    def _told(self, message: Message) -> Reply:
        enrolment_id = self._enrolment_id
        if enrolment_id is None:
            raise NotEnrolledError
        event = self._event(message)
        outcome = progress_record(
            enrolment_id=enrolment_id, events=[event], acting_user=self.person
        )[0]
        if outcome.error is not None:
            raise outcome.error
        more = {"replayed": outcome.replayed}
        return Reply(seq=seq_of(enrolment_id), id=message.id, more=more)

    def _event(self, message: Message) -> NewEvent:
        permalink = message.data.get("lesson")
        if not isinstance(permalink, str):
            raise EventUnusableError
        lesson_id = lesson_ids(self.course_id, [permalink]).get(permalink, NO_LESSON)
        return NewEvent(
            event_id=message.id,
            kind=MESSAGES[message.kind],
            lesson_id=lesson_id,
            data=message.data,
            occurred_at=moment_of(message.data.get("at")),
        )
