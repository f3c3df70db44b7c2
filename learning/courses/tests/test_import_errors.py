import os

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from academy.accounts.models import User
from learning.conftest import png
from learning.courses.errors import ImportRefusedError
from learning.courses.models import Course, CourseFigure
from learning.courses.services.importing import course_import
from learning.lessons.models import Lesson

GOOD = "---\ntitle: Good\n---\n\nText.\n"


def problems(root, **options):
    with pytest.raises(ImportRefusedError) as refused:
        course_import(folder=root, **options)
    assert not Course.objects.exists()
    assert not Lesson.objects.exists()
    assert not CourseFigure.objects.exists()
    return refused.value.problems


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("---\ntitle: A\n\nText without end.\n", "bad.md:1: "),
        ("---\ntitle: [1, 2\n---\nText.\n", "bad.md:3: "),
        ("---\ntitle: A\nfoo\n---\nText.\n", "bad.md:4: "),
        ("---\n- a\n- b\n---\nText.\n", "bad.md:2: "),
        ("---\ntitle: A\naccess: gold\n---\nText.\n", "bad.md:3: "),
        ("---\ntitle: A\n\nslug: a/b\n---\nText.\n", "bad.md:4: "),
        ("---\ntitle: A\nslug: はじめに\n---\nText.\n", "bad.md:3: "),
        ("---\nlanguage: not a language\n---\nText.\n", "bad.md:2: "),
        ("---\ntitle: {a: b}\n---\nText.\n", "bad.md:2: "),
        ("---\ntitle: A\ntitle: B\n---\nText.\n", "bad.md:3: "),
        (f"---\nsummary: {'x' * 501}\n---\nText.\n", "bad.md:2: "),
        (f"---\ntitle: {'[' * 5000}\n---\nText.\n", "bad.md:2: "),
        (f"---\ntitle: {'x' * 70_000}\n---\nText.\n", "bad.md:2: "),
        ("---\ntitle: \x01\n: :\n\t- x\n---\n", "bad.md:"),
        (b"---\ntitle: A\n---\n\nW\xf6rter\n", "bad.md:5: "),
    ],
)
def test_an_error_names_file_and_line_and_nothing_is_imported(db, folder, text, place):
    (problem,) = problems(folder({"good.md": GOOD, "bad.md": text}))
    assert problem.startswith(place)


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("01-class.md", "Text.\n", "01-class.md:1: “class”"),
        ("授業.md", "---\ntitle: 授業\nslug: releases\n---\nText.\n", "授業.md:3: “releases”"),
    ],
)
def test_a_lesson_that_a_page_of_the_course_would_hide_is_refused(db, folder, name, text, place):
    (problem,) = problems(folder({"good.md": GOOD, name: text}))
    assert problem.startswith(place)


def test_a_thousand_aliases_are_not_unfolded(db, folder):
    bomb = "---\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(30)
    )
    report = course_import(folder=folder({"a.md": f"{bomb}---\nText.\n"}))
    assert report.lesson_count == 1


@pytest.mark.parametrize(
    ("yaml", "line"),
    [
        ("title: A\nlevel: expert\n", 2),
        ("title: A\nlanguage: '!'\n", 2),
        ("title: A\nsections: yes\n", 2),
        ("sections:\n- just text\n", 2),
        ("sections:\n- title: A\n  lessons: [good, nothing.md]\n", 3),
        ("sections:\n- title: A\n  lessons:\n  - good\n  - good.md\n", 5),
        ("sections:\n- lessons: [good]\n", 2),
        ("sections:\n- title: A\n- title: A\n", 3),
        ("lessons:\n- [a]\n", 2),
        ("title: A\n\tb: c\n", 2),
    ],
)
def test_an_error_in_the_course_file_names_its_line(db, folder, yaml, line):
    found = problems(folder({"good.md": GOOD, "course.yaml": yaml}))
    assert any(problem.startswith(f"course.yaml:{line}: ") for problem in found), found


def test_all_errors_are_told_at_once(db, folder):
    files = {
        "a.md": "---\naccess: gold\nlanguage: '?'\n---\n",
        "b.md": b"\xff",
        "course.yaml": "level: 7\n",
    }
    found = problems(folder(files))
    assert [problem.rsplit(": ", 1)[0].split(":")[0] for problem in found] == [
        "a.md",
        "a.md",
        "b.md",
        "course.yaml",
    ]


def test_two_lessons_with_one_address_are_an_error_at_the_second(db, folder):
    files = {"01-a.md": GOOD, "02-a.md": "---\ntitle: B\n---\n", "c.md": "---\nslug: a\n---\n"}
    found = problems(folder(files))
    assert [problem.split(" ")[0] for problem in found] == ["02-a.md:1:", "c.md:2:"]


def test_an_empty_or_missing_folder_is_an_error(db, folder, tmp_path):
    assert "no lesson" in problems(folder({"README.md": "x"}))[0]
    assert "no such folder" in problems(tmp_path / "nowhere")[0].lower()
    assert problems(folder({"file": "x"}) / "file", slug="x")


@pytest.mark.parametrize("slug", ["", "a/b", "はじめ", "x" * 81, "a b", "../x"])
def test_an_address_that_is_none_is_an_error(db, folder, slug):
    assert problems(folder({"a.md": GOOD}), slug=slug)


def test_a_folder_without_latin_letters_asks_for_an_address(db, folder):
    assert "--slug" in problems(folder({"a.md": GOOD}, name="講座"))[0]


def test_a_name_that_no_row_can_hold_is_an_error(db, folder):
    assert problems(folder({"a.md": GOOD, f"{'x' * 220}.md": GOOD}))[0].endswith("200 characters.")


def test_a_name_that_is_no_text_is_an_error_and_can_be_printed(db, folder):
    root = folder({"a.md": GOOD})
    (root / os.fsdecode(b"b\xff.md")).write_text(GOOD)
    (problem,) = problems(root)
    assert "not UTF-8" in problem
    assert problem.encode()
    (root / os.fsdecode(b"b\xff.md")).rename(root / os.fsdecode(b"b\xff.png"))
    assert course_import(folder=root).lesson_count == 1


def test_a_lesson_that_links_out_of_the_folder_is_an_error(db, folder, tmp_path):
    root = folder({"a.md": GOOD})
    (tmp_path / "secret.md").write_text("secret")
    (root / "b.md").symlink_to(tmp_path / "secret.md")
    assert problems(root)[0].startswith("b.md: ")


def test_a_broken_or_circular_link_is_an_error(db, folder):
    root = folder({"a.md": GOOD})
    (root / "b.md").symlink_to("nothing.md")
    (root / "c.md").symlink_to("c.md")
    assert [problem.split(":")[0] for problem in problems(root)] == ["b.md", "c.md"]


def test_a_pipe_is_not_waited_for(db, folder):
    root = folder({"a.md": GOOD})
    os.mkfifo(root / "b.md")
    assert problems(root)[0].startswith("b.md: ")


def test_a_figure_that_links_out_of_the_folder_is_not_read(db, folder, tmp_path):
    root = folder({"a.md": "![alt text](fig/a.png)\n", "fig/b.txt": "x"})
    (tmp_path / "secret.png").write_bytes(png())
    (root / "fig/a.png").symlink_to(tmp_path / "secret.png")
    report = course_import(folder=root)
    assert any(warning.startswith("fig/a.png: ") for warning in report.warnings)
    assert not CourseFigure.objects.exists()


def test_a_folder_that_links_to_itself_ends(db, folder):
    root = folder({"a.md": "![alt text](fig/a.png)\n", "fig/b.txt": "x"})
    (root / "fig/loop").symlink_to(root)
    assert course_import(folder=root).lesson_count == 1


def test_an_error_in_a_later_import_changes_nothing(db, folder):
    root = folder({"a.md": GOOD})
    course_import(folder=root, publish=True)
    before = list(Lesson.objects.values())
    (root / "a.md").write_text(GOOD.replace("Text", "Other"))
    (root / "b.md").write_text("---\naccess: gold\n---\n")
    with pytest.raises(ImportRefusedError):
        course_import(folder=root)
    assert list(Lesson.objects.values()) == before


def test_the_command_ends_with_all_problems_and_an_unknown_owner_is_one(db, folder):
    root = folder({"a.md": "---\naccess: gold\n---\n"})
    with pytest.raises(CommandError, match=r"a\.md:2: .*\nNothing was imported\."):
        call_command("import_course", str(root))
    with pytest.raises(CommandError, match="nobody"):
        call_command("import_course", str(root), "--owner", "nobody")


def test_the_owner_is_named_by_user_name_or_by_confirmed_address_and_the_name_wins(db, folder):
    root = folder({"a.md": "---\ntitle: A\n---\n\nText.\n"})
    ada = User.objects.create(username="ada", email="Ada@example.org")
    bea = User.objects.create(username="ada@example.org", email="bea@example.org")
    waiting = User.objects.create(username="cem")
    EmailAddress.objects.create(user=waiting, email="cem@example.org", verified=False)

    def owner(name, slug):
        call_command("import_course", str(root), "--slug", slug, "--owner", name)
        return Course.objects.get(slug=slug).owner

    assert owner("BEA@Example.org", "one") == bea
    assert owner("ada@example.org", "two") == bea
    User.objects.filter(pk=bea.pk).update(username="bea")
    assert owner("ada@example.org", "three") == ada
    with pytest.raises(CommandError, match="cem@example"):
        owner("cem@example.org", "four")
