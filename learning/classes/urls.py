"""Routes of the classes; included before the lessons', since a class looks like a lesson."""

from django.urls import path

from learning.classes.views import cohorts, keys, learners, lists, opening, pages

app_name = "classes"
_ROOM = "courses/<slug:course>/class/"
_OPENING = f"{_ROOM}opening/<slug:lesson>/"
urlpatterns = [
    path("teach/", pages.teach, name="teach"),
    path(_ROOM, pages.learners, name="class"),
    path(f"{_ROOM}enrol/", pages.enrol, name="enrol"),
    path(f"{_ROOM}stuck/", pages.stuck, name="stuck"),
    path(f"{_ROOM}cohorts/", cohorts.cohorts, name="cohorts"),
    path(f"{_ROOM}cohorts/<id:cohort_id>/", cohorts.cohort, name="cohort"),
    path(f"{_ROOM}cohorts/<id:cohort_id>/delete/", cohorts.delete, name="cohort-delete"),
    path(f"{_ROOM}keys/", keys.keys, name="keys"),
    path(f"{_ROOM}keys/<id:key_id>/revoke/", keys.revoke, name="key-revoke"),
    path(f"{_ROOM}list/", lists.lists, name="lists"),
    path(f"{_ROOM}list/<uuid:list_id>/", lists.report, name="list"),
    path(f"{_ROOM}list/<uuid:list_id>/report/", lists.sheet, name="list-sheet"),
    path(f"{_ROOM}opening/", opening.opening, name="opening"),
    path(_OPENING, opening.lesson_opening, name="opening-lesson"),
    path(f"{_OPENING}clear/", opening.clear, name="opening-clear"),
    path(f"{_OPENING}cohort/", opening.cohort, name="opening-cohort"),
    path(f"{_OPENING}cohort/<id:cohort_id>/end/", opening.end, name="opening-end"),
    path(f"{_ROOM}<id:enrolment_id>/", learners.learner, name="learner"),
    path(f"{_ROOM}<id:enrolment_id>/<slug:action>/", learners.act, name="act"),
]
