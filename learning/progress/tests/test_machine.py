"""Whatever happens in whatever order: percentages stay true, and what is done stays done."""

import uuid
from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from academy.accounts.models import Role, User
from academy.platform.errors import AcademyError
from learning.courses.models import Course
from learning.courses.services.editing import course_edit
from learning.enrolments.models import Enrolment
from learning.enrolments.services import (
    enrolment_by_staff,
    enrolment_move,
    enrolment_resume,
    enrolment_suspend,
    enrolment_withdraw,
)
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent
from learning.progress.selectors import progress_document, read_release_id
from learning.progress.services import (
    NewEvent,
    course_progress_refresh,
    progress_override,
    progress_rebuild,
    progress_record,
)
from learning.releases.models import ReleaseLesson
from learning.releases.services import course_withdraw, release_publish

LESSONS = st.integers(0, 2)
LEARNERS_AT_MOST = 4
LEARNERS = st.integers(0, LEARNERS_AT_MOST - 1)
KINDS = st.lists(
    st.sampled_from(["completed", "completed", "opened", "checkpoint", "reopened"]),
    min_size=1,
    max_size=3,
)
MOSTLY = st.sampled_from([True, True, True, False])
RULES = st.sampled_from(
    [
        {},
        {"rule": "minimum_time", "seconds": 1},
        {"rule": "minimum_time", "seconds": 90},
        {"rule": "minimum_time", "seconds": 3600},
        {"any": [{"rule": "marked"}, {"rule": "minimum_time", "seconds": 3600}]},
    ]
)


class Progress(RuleBasedStateMachine):
    """Learners, a course of three lessons, and an instructor who never rests.

    `kept` is the machine's own memory: the lessons that somebody was told are done, which only
    somebody who opens them anew makes undone. The academy's tables are never asked for it.
    """

    told = Bundle("told")

    def __init__(self):
        super().__init__()
        # One story's rows are gone before the next begins.
        self.story = transaction.atomic()
        self.story.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.story.__exit__(None, None, None)

    @initialize(policy=st.sampled_from(["newest", "pinned"]))
    def begin(self, policy):
        self.owner = User.objects.create(username="ingrid", role=Role.INSTRUCTOR)
        self.course = Course.objects.create(
            slug="shells", title="Shells", owner=self.owner, release_policy=policy
        )
        self.lessons = [self._lesson(number) for number in range(3)]
        release_publish(course=self.course, acting_user=self.owner)
        self.people, self.seats = [], []
        self.kept, self.reopened = set(), defaultdict(list)
        for who in range(2):
            self.enrol(who)

    def _lesson(self, number):
        return lesson_save(
            lesson=Lesson(
                course=self.course,
                slug=f"lesson-{number}",
                title=f"Lesson {number}",
                position=number,
                status="published",
                body="Text.",
            )
        )

    def _course(self):
        return Course.objects.get(pk=self.course.pk)

    def _seat(self, who):
        return Enrolment.objects.select_related("course", "person").get(pk=self.seats[who].pk)

    @rule(who=LEARNERS)
    def enrol(self, who):
        """Somebody new begins, or who was put out is let in again, whatever was done by then."""
        try:
            seat = enrolment_by_staff(
                course=self._course(), person=self._person(who), acting_user=self.owner
            )
        except AcademyError:
            return
        if seat.pk not in [known.pk for known in self.seats]:
            self.seats.append(seat)

    @rule(policy=st.sampled_from(["newest", "pinned"]))
    def set_policy(self, policy):
        """Learners read another release, or the same, by the course's setting."""
        course_edit(course=self._course(), values={"release_policy": policy})

    def _person(self, who):
        if who >= len(self.people):
            self.people.append(User.objects.create(username=f"learner{len(self.people)}"))
            return self.people[-1]
        return self.people[who]

    @rule(
        target=told,
        who=LEARNERS,
        lesson=LESSONS,
        kinds=KINDS,
        ago=st.integers(-9, 99),
        by_form=st.booleans(),
    )
    def tell(self, who, lesson, kinds, ago, by_form):
        who %= len(self.seats)
        events = [
            NewEvent(
                event_id=uuid.uuid4(),
                kind=kind,
                lesson_id=self.lessons[lesson].pk,
                data={"anchor": f"a{ago % 5}", "fraction": (ago % 10) / 10},
                occurred_at=timezone.now() - timedelta(minutes=ago - number),
                by_form=by_form,
            )
            for number, kind in enumerate(kinds)
        ]
        for event in events:
            self._told(who, event)
        return who, events[-1]

    def _told(self, who, event):
        try:
            outcome = progress_record(
                enrolment_id=self.seats[who].pk, events=[event], acting_user=self.people[who]
            )[0]
        except AcademyError:
            return None
        if outcome.accepted and not outcome.replayed:
            self._note(who, event.lesson_id, event.kind, event.event_id)
        return outcome

    def _note(self, who, lesson_id, kind, event_id):
        """What somebody was told is done is kept until they, or an instructor, open it anew."""
        if kind == "reopened":
            self.kept.discard((who, lesson_id))
            self.reopened[who, lesson_id].append(event_id)
        if kind == "completed" and self._is_last(who, event_id, self.reopened[who, lesson_id]):
            self.kept.add((who, lesson_id))

    def _is_last(self, who, event_id, others):
        """Whether it happened after those: what was done offline may be told late."""
        rows = ProgressEvent.objects.filter(enrolment=self.seats[who])
        order = dict(
            rows.filter(event_id__in=[event_id, *others]).values_list("event_id", "occurred_at")
        )
        return max(order, key=lambda one: (order[one], one)) == event_id

    @rule(kind=st.sampled_from(["opened", "checkpoint", "completed"]))
    @precondition(lambda self: self.kept)
    def look_again_at_what_is_done(self, kind):
        for who, lesson_id in sorted(self.kept):
            place = {"anchor": "again", "fraction": 0.5}
            self._told(who, NewEvent(uuid.uuid4(), kind, lesson_id, place))

    @rule(again=told)
    def replay(self, again):
        who, event = again
        known = ProgressEvent.objects.filter(
            enrolment=self.seats[who], event_id=event.event_id
        ).exists()
        before = self._stored(who)
        outcome = self._told(who, event)
        if known and outcome is not None:
            assert outcome.replayed
            assert self._stored(who) == before

    @rule(lesson=LESSONS, required=st.booleans(), published=MOSTLY, completion=RULES)
    def edit(self, lesson, required, published, completion):
        found = Lesson.objects.select_related("course").get(pk=self.lessons[lesson].pk)
        found.is_required, found.completion = required, completion
        found.status = "published" if published else "draft"
        found.body += "\n\nMore."
        lesson_save(lesson=found)

    @rule()
    def publish(self):
        try:
            release_publish(course=self._course(), acting_user=self.owner)
        except AcademyError:
            return

    @rule(opens_again=MOSTLY)
    def take_back(self, opens_again):
        course_withdraw(course=self._course(), acting_user=self.owner)
        if opens_again:
            self.publish()

    @rule(who=LEARNERS, change=st.sampled_from(["resume", "withdraw", "suspend", "resume"]))
    def change_enrolment(self, who, change):
        who %= len(self.seats)
        services = {
            "withdraw": enrolment_withdraw,
            "suspend": enrolment_suspend,
            "resume": enrolment_resume,
        }
        try:
            services[change](enrolment=self._seat(who), acting_user=self.owner)
        except AcademyError:
            return

    @rule(who=LEARNERS, which=st.integers(0, 20))
    def move_to_release(self, who, which):
        who %= len(self.seats)
        releases = list(self._course().releases.order_by("number"))
        try:
            enrolment_move(
                enrolment=self._seat(who),
                release=releases[which % len(releases)],
                acting_user=self.owner,
            )
        except AcademyError:
            return

    @rule(who=LEARNERS, lesson=LESSONS, kind=st.sampled_from(["completed", "reopened"]))
    def override(self, who, lesson, kind):
        who %= len(self.seats)
        lesson_id = self.lessons[lesson].pk
        try:
            progress_override(
                enrolment_id=self.seats[who].pk,
                lesson_id=lesson_id,
                kind=kind,
                acting_user=self.owner,
            )
        except AcademyError:
            return
        made = ProgressEvent.objects.filter(enrolment=self.seats[who]).latest("pk")
        self._note(who, lesson_id, kind, made.event_id)

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds):
        """All that happened is longer ago; no row but the events says when."""
        before = timedelta(seconds=seconds)
        for event in ProgressEvent.objects.all():
            ProgressEvent.objects.filter(pk=event.pk).update(
                at=event.at - before, occurred_at=event.occurred_at - before
            )
        for seat in self.seats:
            progress_rebuild(enrolment_id=seat.pk)

    @invariant()
    @precondition(lambda self: hasattr(self, "kept"))
    def percentages_are_true_and_the_done_stays_done(self):
        for who, seat in enumerate(self.seats):
            row = CourseProgress.objects.get(pk=seat.pk)
            release_id = read_release_id(self._seat(who))
            required = set(
                ReleaseLesson.objects.filter(release_id=release_id, is_required=True).values_list(
                    "lesson_id", flat=True
                )
            )
            completed = set(
                LessonProgress.objects.filter(enrolment=seat, state="completed").values_list(
                    "lesson_id", flat=True
                )
            )
            assert {lesson_id for one, lesson_id in self.kept if one == who} <= completed
            # What its rules completed stays done as well.
            self.kept |= {(who, lesson_id) for lesson_id in completed}
            assert row.release_id == release_id
            assert (row.completed_count, row.required_count) == (
                len(required & completed),
                len(required),
            )
            assert row.percent == (100 * len(required & completed) // len(required or [1]))
            assert 0 <= row.percent <= 100
            assert (row.completed_at is not None) == (bool(required) and required <= completed)
            document = progress_document(enrolment_id=seat.pk)
            assert document["percent"] == row.percent

    @invariant()
    @precondition(lambda self: hasattr(self, "kept"))
    def a_rebuild_and_a_refresh_find_nothing(self):
        for seat in self.seats:
            before = CourseProgress.objects.get(pk=seat.pk).seq
            assert progress_rebuild(enrolment_id=seat.pk) == []
            assert CourseProgress.objects.get(pk=seat.pk).seq == before
        assert course_progress_refresh(course_id=self.course.pk) == 0

    def _stored(self, who):
        lessons = LessonProgress.objects.filter(enrolment=self.seats[who]).order_by("lesson")
        return (
            list(lessons.values()),
            CourseProgress.objects.filter(pk=self.seats[who].pk).values().get(),
            ProgressEvent.objects.filter(enrolment=self.seats[who]).count(),
        )


@pytest.mark.django_db
def test_in_any_order_percentages_stay_true_and_the_done_stays_done():
    run_state_machine_as_test(
        Progress,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
