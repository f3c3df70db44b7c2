"""What a lesson's document is made of, read from the rows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from academy.platform.documents.markdown import Figure
from learning.courses.models import Course, CourseFigure
from learning.courses.paths import lesson_path
from learning.lessons.models import Lesson, LessonRevision, Tier
from learning.lessons.rendering import LessonSource, digest_of, mentioned, stem_of


@dataclass(frozen=True, slots=True)
class CourseContext:
    """What the lessons of a course have in common; read once for any number of them."""

    slug: str
    title: str
    language: str
    author: str
    figures: Mapping[str, Figure]
    links: Mapping[str, str]

    def source(
        self,
        *,
        title: str,
        body: str,
        language: str,
        summary: str = "",
        access: str = Tier.FREE,
        video_url: str = "",
    ) -> LessonSource:
        """The lesson's source, with those figures and links only that its text may mean."""
        return self.source_again(
            title=title,
            body=body,
            text_digest=digest_of(body),
            names=mentioned(body, {*self.figures, *self.links}),
            language=language,
            summary=summary,
            access=access,
            video_url=video_url,
        )

    def source_again(
        self,
        *,
        title: str,
        text_digest: str,
        names: Iterable[str],
        language: str,
        summary: str,
        access: str,
        video_url: str,
        body: str = "",
    ) -> LessonSource:
        """The source of a text that may mean these `names` and need not be here itself."""
        may_mean = set(names)
        return LessonSource(
            title=title,
            body=body,
            language=language or self.language,
            course_slug=self.slug,
            course_title=self.title,
            author=self.author,
            text_digest=text_digest,
            figures={name: self.figures[name] for name in may_mean & self.figures.keys()},
            links={stem: self.links[stem] for stem in may_mean & self.links.keys()},
            summary=summary,
            access=str(access),
            video_url=video_url,
        )


def course_context(course: Course) -> CourseContext:
    """The context of the course's lessons; two queries."""
    lessons = Lesson.objects.filter(course=course).values_list("slug", "source_name")
    return CourseContext(
        slug=course.slug,
        title=course.title,
        language=course.language,
        author=str(course.owner) if course.owner else "",
        figures={row.name: as_figure(row) for row in CourseFigure.objects.filter(course=course)},
        links=links_of(course.slug, lessons),
    )


def links_of(course_slug: str, lessons: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Paths of the lessons' pages by what a link calls them: the slug, or the file's stem."""
    links: dict[str, str] = {}
    for slug, source_name in lessons:
        path = lesson_path(f"{course_slug}/{slug}")
        links.setdefault(slug, path)
        if source_name:
            links[stem_of(source_name)] = path
    return links


def names_of(slug: str, source_name: str) -> set[str]:
    """What links may call a lesson."""
    return {slug, stem_of(source_name)} if source_name else {slug}


def contested_names(course_id: int) -> set[str]:
    """What links may call two lessons of the course; which one they mean depends on the order."""
    lessons = Lesson.objects.filter(course_id=course_id).order_by()
    rows = lessons.values_list("slug", "source_name")
    counts = Counter(name for row in rows for name in names_of(*row))
    return {name for name, count in counts.items() if count > 1}


def as_figure(row: CourseFigure) -> Figure:
    """The figure as the renderer knows it."""
    return Figure(
        name=row.name,
        digest=row.digest,
        content_type=row.content_type,
        width_px=row.width,
        height_px=row.height,
    )


def lesson_source(lesson: Lesson, context: CourseContext | None = None) -> LessonSource:
    """The lesson's source; two or three queries without a `context`."""
    context = context or course_context(lesson.course)
    return context.source(
        title=lesson.title,
        body=lesson.body,
        language=lesson.language,
        summary=lesson.summary,
        access=lesson.access,
        video_url=lesson.video_url,
    )


def revision_source(revision: LessonRevision) -> LessonSource:
    """The source that the revision was made of; no query where `text_of` is loaded."""
    body = revision.text
    return revision_facts(revision, body=body, text_digest=revision.text_digest or digest_of(body))


def revision_facts(
    revision: LessonRevision, *, body: str = "", text_digest: str = ""
) -> LessonSource:
    """As `revision_source`, of a revision whose text may not be loaded."""
    return LessonSource(
        title=revision.title,
        body=body,
        text_digest=text_digest or revision.text_digest or "",
        language=revision.language,
        course_slug=revision.course_slug,
        course_title=revision.course_title,
        author=revision.author,
        figures={name: _stored(name, *values) for name, values in revision.figures.items()},
        links=revision.links,
        summary=revision.summary,
        access=revision.access,
        video_url=revision.video_url,
    )


def _stored(
    name: str, digest: str, content_type: str, width: int | None, height: int | None
) -> Figure:
    return Figure(
        name=name, digest=digest, content_type=content_type, width_px=width, height_px=height
    )
