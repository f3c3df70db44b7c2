import pytest

from exports.lessons.models import LessonExport
from exports.lessons.selectors import EXPORT_KIND
from scheduler.jobs.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]
EXPORTS = "/admin/exports/lessonexport/"


def test_an_operator_sees_documents_and_files(client, olga, lesson, put_export):
    export = put_export(lesson)
    client.force_login(olga)

    shown = client.get(EXPORTS, {"q": "moon"}).content.decode()
    assert f"/api/exports/{export.pk}/download/" in shown
    files = client.get("/admin/exports/artifact/", {"q": export.artifact.digest[:8]})
    assert export.artifact.digest in files.content.decode()
    assert client.get(f"{EXPORTS}{export.pk}/change/").status_code == 200


def test_nobody_edits_them_there(client, olga, lesson, put_export):
    export = put_export(lesson)
    client.force_login(olga)

    assert client.post(f"{EXPORTS}{export.pk}/change/", {"format": "x"}).status_code == 403
    assert client.post(f"{EXPORTS}{export.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{EXPORTS}add/").status_code == 403


def test_chosen_documents_are_made_anew(client, olga, lesson, put_export):
    export = put_export(lesson)
    client.force_login(olga)

    answer = client.post(
        EXPORTS, {"action": "make_anew", "_selected_action": [str(export.pk)]}, follow=True
    )

    assert "1 document is being made." in answer.content.decode()
    job = Job.objects.get(kind=EXPORT_KIND)
    assert job.params == {
        "revision_id": lesson.draft_revision_id,
        "format": "pdf",
        "is_draft": False,
    }
    renewed = LessonExport.objects.get()
    assert renewed.renewal_asked_at is not None
    assert renewed.inputs_hash == export.inputs_hash
