"""The catalogue: which courses somebody chooses from, and what their cards say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language, get_language_info

from academy.accounts.permissions import Person, signed_in
from learning.courses.models import Level
from learning.courses.searching import (
    FoundLessons,
    about,
    found_lessons,
    lessons_with,
    searched,
    words_of,
)
from learning.courses.selectors import CourseCard, course_cards, listed_courses
from learning.enrolments.dates import open_now
from learning.enrolments.models import Enrolment
from learning.rights.selectors import standing_of

_MAX_TAG_CHARACTERS: Final = 35


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; empty and False ask for nothing."""

    query: str = ""
    level: str = ""
    language: str = ""
    free: bool = False
    mine: bool = False

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Wanted":
        """What an address asks for; what is unknown is not asked for."""
        level = asked.get("level", "")
        return cls(
            query=searched(asked.get("q", "")),
            level=level if level in Level.values else "",
            language=searched(asked.get("language", ""))[:_MAX_TAG_CHARACTERS],
            free=asked.get("free") == "1",
            mine=asked.get("mine") == "1",
        )

    @property
    def is_anything(self) -> bool:
        """Whether some courses may be left out."""
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class ShelfCard(CourseCard):
    """A course in the catalogue; `percent` is None for whoever does not learn there.

    `language_label` is empty where it is the page's own language. `found` are lessons with what was
    looked for and the course itself does not say; none where nothing was.
    """

    level_label: str
    language_label: str
    percent: int | None
    found: FoundLessons


def shelf(person: Person, wanted: Wanted) -> QuerySet[Any]:
    """The courses that the catalogue shows the person, with how far they are in each."""
    seats = Enrolment.objects.filter(open_now(), person_id=_person_id(person))
    here = seats.filter(course_id=OuterRef("pk"))
    percent = here.values(done=Coalesce("progress__percent", 0))[:1]
    courses = listed_courses(person).annotate(
        percent=Subquery(percent, output_field=IntegerField()),
        told_language=Coalesce("newest_release__language", "language"),
        told_level=Coalesce("newest_release__level", "level"),
    )
    if wanted.query:
        standing = standing_of(person)
        courses = courses.filter(about(wanted.query, standing)).annotate(
            lessons_found=lessons_with(words_of(wanted.query), standing)
        )
    return courses.filter(_asked(wanted, Q(pk__in=seats.values("course_id"))))


def _asked(wanted: Wanted, mine: Q) -> Q:
    asked = Q()
    if wanted.level:
        asked &= Q(told_level=wanted.level)
    if wanted.language:
        asked &= Q(told_language=wanted.language)
    if wanted.free:
        asked &= Q(price=0)
    return asked & mine if wanted.mine else asked


def shelf_languages(person: Person) -> list[tuple[str, str]]:
    """The languages of the person's catalogue with their own names, by name: one query."""
    tags = shelf(person, Wanted()).order_by().values_list(F("told_language"), flat=True).distinct()
    return sorted(((tag, language_name(tag)) for tag in tags), key=lambda pair: pair[1].casefold())


def shelf_cards(courses: Iterable[Any], wanted: Wanted) -> list[ShelfCard]:
    """What the catalogue shows of the courses of `shelf`."""
    rows = list(courses)
    words = words_of(wanted.query)
    return [
        ShelfCard(
            **{one.name: getattr(card, one.name) for one in fields(CourseCard)},
            level_label=level_name(course.told_level),
            language_label=foreign_language_name(course.told_language),
            percent=course.percent,
            found=found_lessons(
                words,
                slug=card.slug,
                own=(card.title, card.summary),
                rows=getattr(course, "lessons_found", None) or (),
            ),
        )
        for course, card in zip(rows, course_cards(rows), strict=True)
    ]


def level_name(level: str) -> str:
    """What a level is called; empty for none."""
    return str(Level(level).label) if level in Level.values else ""


def language_name(tag: str) -> str:
    """A language's own name; the tag itself where nobody knows it."""
    try:
        return str(get_language_info(tag.lower())["name_local"])
    except KeyError:
        return tag


def foreign_language_name(tag: str) -> str:
    """The language's own name; empty where the page is in that language."""
    own = (get_language() or "en").partition("-")[0]
    return "" if tag.partition("-")[0].lower() == own else language_name(tag)


def _person_id(person: Person) -> int | None:
    someone = signed_in(person)
    return someone.pk if someone else None
