from types import SimpleNamespace

import pytest
from django.contrib.admin import site
from django.core.files.uploadedfile import SimpleUploadedFile

from academy.accounts.models import Role
from learning.conftest import SVG, png
from learning.courses.admin import SectionForm
from learning.courses.models import Course, CourseFigure, CourseGrant, CourseStaff, Section
from learning.courses.services import figures_collect
from learning.courses.services.figures import media_store
from learning.lessons.models import Lesson, LessonAddress
from learning.lessons.services import revision_render
from scheduler.jobs.kinds import kind_named
from scheduler.jobs.models import Job


@pytest.fixture
def desk(client, olga):
    olga.is_superuser = True
    olga.save()
    client.force_login(olga)
    return client


def course_form(course, **changes):
    form = {
        "slug": course.slug,
        "title": course.title,
        "summary": "",
        "description": "",
        "language": "en",
        "level": "",
        "owner": course.owner_id,
        "visibility": course.visibility,
        "price": course.price,
        "currency": course.currency,
        "release_policy": course.release_policy,
    }
    for inline in ("sections", "figures", "staff", "grants"):
        form |= {f"{inline}-TOTAL_FORMS": 0, f"{inline}-INITIAL_FORMS": 0}
    return form | changes


def lesson_form(lesson, **changes):
    return {
        "course": lesson.course_id,
        "section": "",
        "position": 1,
        "title": lesson.title,
        "slug": lesson.slug,
        "summary": "",
        "language": "",
        "access": lesson.access,
        "status": lesson.status,
        "body": lesson.body,
        "old_addresses-TOTAL_FORMS": 0,
        "old_addresses-INITIAL_FORMS": 0,
        **changes,
    }


def errors_of(response):
    form = response.context["adminform"].form.errors
    inlines = [f.formset.errors for f in response.context["inline_admin_formsets"]]
    return str(form) + str(inlines)


@pytest.mark.parametrize(
    "path",
    [
        "course/",
        "course/add/",
        "course/?q=shells&status=published",
        "section/",
        "section/add/",
        "coursegrant/",
        "coursegrant/add/",
        "lesson/",
        "lesson/add/",
        "lesson/?q=pipes",
    ],
)
def test_every_page_of_the_desk_opens(desk, make_lesson, granted, path):
    make_lesson()
    assert desk.get(f"/admin/learning/{path}").status_code == 200


def test_the_list_of_lessons_costs_the_same_with_many(
    desk, make_lesson, django_assert_max_num_queries
):
    for n in range(30):
        make_lesson(f"l{n}", body="x", rendered=False)
    with django_assert_max_num_queries(9):
        desk.get("/admin/learning/lesson/")


def test_a_lesson_saved_at_the_desk_is_rendered_by_a_job(desk, make_lesson):
    lesson = make_lesson()
    Job.objects.all().delete()
    path = f"/admin/learning/lesson/{lesson.pk}/change/"
    changed = lesson_form(lesson, body="Neu: 日本語 🎉", slug="tubes")
    assert desk.post(path, changed).status_code == 302
    (job,) = Job.objects.all()
    revision_render(**job.params)
    assert "日本語" in Lesson.objects.get().draft_revision.rendition.body_html
    assert LessonAddress.objects.get().slug == "pipes"
    assert desk.get(path).status_code == 200


def test_a_lesson_in_a_section_of_another_course_is_refused(desk, make_lesson, ingrid):
    lesson = make_lesson()
    other = Course.objects.create(slug="other", title="Other")
    section = other.sections.create(title="S")
    path = f"/admin/learning/lesson/{lesson.pk}/change/"
    response = desk.post(path, lesson_form(lesson, section=section.pk))
    assert "another course" in errors_of(response)


def test_lessons_are_published_and_deleted_in_one_go(desk, make_lesson):
    lesson = make_lesson(status="draft")
    chosen = {"action": "publish", "_selected_action": [lesson.pk]}
    desk.post("/admin/learning/lesson/", chosen)
    assert Lesson.objects.get().status == "published"
    chosen = {"action": "delete_selected", "_selected_action": [lesson.pk], "post": "yes"}
    desk.post("/admin/learning/lesson/", chosen)
    assert not Lesson.objects.exists()


def _draft(lesson):
    return Lesson.objects.get(pk=lesson.pk).draft_revision_id


def test_a_new_title_of_a_course_renders_its_lessons_anew(desk, course, make_lesson):
    lesson = make_lesson()
    Job.objects.all().delete()
    path = f"/admin/learning/course/{course.pk}/change/"
    response = desk.post(path, course_form(course, title="Turtles", description="*Hi*"))
    assert response.status_code == 302
    assert [job.params for job in Job.objects.all()] == [{"revision_id": _draft(lesson)}]
    assert "<em>Hi</em>" in Course.objects.get().description_html


@pytest.mark.parametrize("description", ["x" * 8001, "> " * 200 + "x"])
def test_a_description_that_is_too_much_is_an_error_in_the_form(desk, course, description):
    path = f"/admin/learning/course/{course.pk}/change/"
    response = desk.post(path, course_form(course, description=description))
    assert response.status_code == 200
    assert "description" in errors_of(response)


def test_a_course_is_handed_over_only_to_who_makes_courses(desk, course, ingrid, alice, person):
    ivan = person("ivan", Role.INSTRUCTOR)
    path = f"/admin/learning/course/{course.pk}/change/"
    response = desk.post(path, course_form(course, owner=alice.pk))
    assert response.status_code == 200
    assert "Only instructors and operators own courses." in errors_of(response)
    assert Course.objects.get().owner == ingrid

    response = desk.post(path, course_form(course, owner=ivan.pk, title="Shells of Ivan"))
    assert response.status_code == 302
    handed = Course.objects.get()
    assert (handed.owner, handed.title) == (ivan, "Shells of Ivan")
    post = CourseStaff.objects.get()
    assert (post.person, post.role) == (ingrid, "co_instructor")

    assert desk.post(path, course_form(course, owner="")).status_code == 302
    assert Course.objects.get().owner is None


def upload(desk, course, name, data):
    form = course_form(course) | {
        "figures-TOTAL_FORMS": 1,
        "figures-0-course": course.pk,
        "figures-0-upload": SimpleUploadedFile(name, data),
    }
    return desk.post(f"/admin/learning/course/{course.pk}/change/", form)


def test_a_picture_is_uploaded_at_the_desk_and_lessons_show_it(desk, course, make_lesson):
    lesson = make_lesson(body="![a](fig/tree.svg)")
    assert upload(desk, course, "tree.svg", SVG).status_code == 302
    figure = CourseFigure.objects.get()
    assert (figure.name, figure.content_type) == ("fig/tree.svg", "image/svg+xml")
    assert b"script" not in media_store().read(figure.digest)
    revision_render(revision_id=_draft(lesson))
    assert "figures/fig/tree.svg" in Lesson.objects.get().draft_revision.rendition.body_html


@pytest.mark.parametrize("data", [b"<html>no</html>", png()[:40], b"x" * 11_000_000])
def test_a_picture_that_is_none_is_refused_in_words(desk, course, data):
    response = upload(desk, course, "photo.png", data)
    assert response.status_code == 200
    assert "upload" in errors_of(response)
    assert not CourseFigure.objects.exists()


def test_a_grant_remembers_who_gave_it(desk, course, alice, bob, olga):
    desk.post("/admin/learning/coursegrant/add/", {"course": course.pk, "person": alice.pk})
    form = course_form(course) | {
        "grants-TOTAL_FORMS": 1,
        "grants-0-course": course.pk,
        "grants-0-person": bob.pk,
    }
    desk.post(f"/admin/learning/course/{course.pk}/change/", form)
    assert {grant.person: grant.granted_by for grant in CourseGrant.objects.all()} == {
        alice: olga,
        bob: olga,
    }


def test_the_clean_up_job_leaves_what_courses_show(course, put_figure):
    put_figure()
    lines = []
    context = SimpleNamespace(checkpoint=lambda: None, log=lines.append)
    kind_named("learning.figure_cleanup").run(context)
    assert lines == ["0 files removed"]
    assert media_store().has(CourseFigure.objects.get().digest)


def test_only_pictures_that_nothing_names_are_collected(course, put_figure, media_root):
    put_figure("fig/a.png", png("red"))
    orphan = media_store().put(png("blue"))
    assert figures_collect(older_than_seconds=3600) == 0
    assert figures_collect(older_than_seconds=-1) == 1
    assert not media_store().has(orphan.digest)
    assert media_store().has(CourseFigure.objects.get().digest)


def test_the_desk_writes_what_its_form_changed_and_no_more(desk, course, make_lesson, rf, olga):
    lesson, section = make_lesson(), course.sections.create(title="S")
    request = rf.post("/")
    request.user = olga
    for row, form, changes in (
        (course, course_form(course, summary="Neu."), {"price": 9900, "visibility": "enrolled"}),
        (lesson, lesson_form(lesson, summary="Neu."), {"body": "Other.", "slug": "rohre"}),
        (section, {"title": "Neu.", "position": 0}, {"position": 7}),
    ):
        manager = type(row)._default_manager
        at_desk = site._registry[type(row)]
        read = manager.get(pk=row.pk)
        made = at_desk.get_form(request, read)(form, instance=read)
        assert made.is_valid(), made.errors
        manager.filter(pk=row.pk).update(**changes)
        at_desk.save_model(request, made.instance, made, change=True)
        kept = manager.get(pk=row.pk)
        assert {name: getattr(kept, name) for name in changes} == changes
        assert "Neu." in {kept.title, getattr(kept, "summary", "")}


@pytest.fixture
def meanwhile(monkeypatch):
    """meanwhile(form, act): `act` is done once the form has read its row, before it is saved."""

    def arrange(form, act):
        read = form.full_clean

        def clean(self):
            read(self)
            if self.instance.pk:
                act()

        monkeypatch.setattr(form, "full_clean", clean)

    return arrange


def section_lines(section, **changes):
    line = {"id": section.pk, "course": section.course_id, "title": section.title}
    line |= {"position": section.position, **changes}
    counts = {"sections-TOTAL_FORMS": 1, "sections-INITIAL_FORMS": 1}
    return counts | {f"sections-0-{name}": value for name, value in line.items()}


def test_a_line_under_a_course_writes_what_was_changed_in_it_alone(desk, course, meanwhile):
    section = Section.objects.create(course=course, title="Old", position=1)
    rows = Section.objects.filter(pk=section.pk)
    meanwhile(SectionForm, lambda: rows.update(position=7))
    form = course_form(course, **section_lines(section, title="New"))
    answer = desk.post(f"/admin/learning/course/{course.pk}/change/", form)
    assert answer.status_code == 302, errors_of(answer)
    assert rows.values_list("title", "position").get() == ("New", 7)


def test_a_line_that_somebody_deleted_meanwhile_stays_deleted(desk, course, meanwhile):
    section = Section.objects.create(course=course, title="Old", position=1)
    meanwhile(SectionForm, lambda: Section.objects.filter(pk=section.pk).delete())
    form = course_form(course, **section_lines(section, title="New"))
    answer = desk.post(f"/admin/learning/course/{course.pk}/change/", form)
    assert answer.status_code == 302, errors_of(answer)
    assert not Section.objects.exists()


def test_another_picture_under_an_old_name_is_the_one_that_is_shown(desk, course):
    old = CourseFigure.objects.create(
        course=course, name="fig/a.png", digest="0" * 64, content_type="image/png", size=1
    )
    form = course_form(
        course,
        **{
            "figures-TOTAL_FORMS": 1,
            "figures-INITIAL_FORMS": 1,
            "figures-0-id": old.pk,
            "figures-0-course": course.pk,
            "figures-0-name": "fig/a.png",
            "figures-0-upload": SimpleUploadedFile("a.png", png()),
        },
    )
    answer = desk.post(f"/admin/learning/course/{course.pk}/change/", form)
    assert answer.status_code == 302, errors_of(answer)
    now = CourseFigure.objects.get(pk=old.pk)
    assert now.digest != old.digest
    assert now.size == len(png())


def test_a_cover_is_one_of_the_courses_own_pictures(desk, course, ingrid):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    own, foreign = (
        CourseFigure.objects.create(
            course=one, name="fig/a.png", digest="0" * 64, content_type="image/png", size=1
        )
        for one in (course, other)
    )
    page = f"/admin/learning/course/{course.pk}/change/"
    for path, offered in ((page, [own]), ("/admin/learning/course/add/", [])):
        form = desk.get(path).context["adminform"].form
        assert list(form.fields["cover"].queryset) == offered
    for wrong in (foreign.pk, "x"):
        answer = desk.post(page, course_form(course, cover=wrong))
        assert "cover" in answer.context["adminform"].form.errors
    assert desk.post(page, course_form(course, cover=own.pk)).status_code == 302
    course.refresh_from_db()
    assert course.cover == own


def test_the_list_of_courses_tells_amounts(desk, course):
    Course.objects.filter(pk=course.pk).update(price=4900, currency="EUR")
    page = desk.get("/admin/learning/course/?o=6").content.decode()
    assert "49.00\N{NO-BREAK SPACE}EUR" in page
    assert "4900" not in page
