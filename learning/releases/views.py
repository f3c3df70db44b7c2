"""Publishing a course, and what was published."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from academy.accounts.models import User
from academy.accounts.permissions import require
from academy.platform.errors import AcademyError
from academy.platform.http.limiting import require as require_rate
from learning.courses.models import Course
from learning.courses.paths import course_path
from learning.courses.selectors import course_for
from learning.releases.comparing import release_changes, release_compare
from learning.releases.doubts import doubts_about
from learning.releases.history import release_numbered, releases_of
from learning.releases.impact import release_impact
from learning.releases.models import Release
from learning.releases.selectors import release_for
from learning.releases.services import MAX_NOTE_CHARACTERS, release_publish
from learning.releases.telling import effects_told
from learning.rights.selectors import Standing, standing_of

_RELEASES_PER_PAGE: Final = 20


class PublishForm(forms.Form):
    """`number` is the one that was compared: another release may have come meanwhile."""

    number = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput())
    note = forms.CharField(
        label=gettext_lazy("What is new"),
        help_text=gettext_lazy("Learners read it in the list of releases."),
        required=False,
        # The service counts: browsers send two characters for the end of a line.
        widget=forms.Textarea({"rows": 4, "dir": "auto", "maxlength": MAX_NOTE_CHARACTERS}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, course: str) -> HttpResponse:
    """What a release would change and do to learners; a POST makes it."""
    found = course_for(request.user, course)
    if found.slug != course:
        return HttpResponsePermanentRedirect(reverse("releases:publish", args=[found.slug]))
    if not isinstance(request.user, User):
        return redirect_to_login(reverse("releases:publish", args=[found.slug]))
    require(request.user, "course.publish", found)
    if request.method == "POST":
        require_rate(request, "page")
        return _published(request, found, acting_user=request.user)
    return _page(request, found)


def _published(request: HttpRequest, course: Course, *, acting_user: User) -> HttpResponse:
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _page(request, course, form=form, status=400)
    last = releases_of(course).values_list("number", flat=True).first() or 0
    if form.cleaned_data["number"] != last + 1:
        form.add_error(None, _("Somebody published meanwhile. Look at what changes now."))
        return _page(request, course, form=form, status=409)
    before = course.newest_release_id
    try:
        release = release_publish(
            course=course, acting_user=acting_user, note=form.cleaned_data["note"]
        )
    except AcademyError as refusal:
        form.add_error(refusal.attr if refusal.attr in form.fields else None, str(refusal))
        return _page(request, course, form=form, status=refusal.http_status)
    messages.success(request, _told(release, is_new=release.pk != before))
    return HttpResponseRedirect(course_path(course.slug), status=303)


def _told(release: Release, *, is_new: bool) -> str:
    if is_new:
        return _("Release %d is published.") % release.number
    return _("The course is open again with release %d.") % release.number


def _page(
    request: HttpRequest, course: Course, *, form: PublishForm | None = None, status: int = 200
) -> HttpResponse:
    course.refresh_from_db(fields=["newest_release", "status"])
    diff, impact = release_compare(course), release_impact(course)
    if form is None:
        form = PublishForm(initial={"number": diff.next_number})
    else:
        # What is compared now is what the next attempt means.
        form.data = {**dict(form.data.items()), "number": str(diff.next_number)}
    context: dict[str, Any] = {
        "course": course,
        "title": course.title,
        "diff": diff,
        "impact": impact,
        "doubts": [] if diff.is_nothing else doubts_about(course),
        "effects": effects_told(course, diff, impact),
        "form": form,
    }
    return render(request, "releases/publish.html", context, status=status)


@require_safe
def history(request: HttpRequest, course: str) -> HttpResponse:
    """The course's releases, the newest first."""
    found = course_for(request.user, course)
    if found.slug != course:
        return HttpResponsePermanentRedirect(reverse("releases:history", args=[found.slug]))
    standing = standing_of(request.user, course_id=found.pk)
    page = Paginator(releases_of(found), _RELEASES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "course": found,
        "title": found.newest_release.title if found.newest_release else found.title,
        "page": page,
        "newest_id": found.newest_release_id,
        "own": _held_back(standing, found),
        "may_publish": standing.may("course.publish", found),
        "may_compare": standing.may("course.see_draft", found),
    }
    return render(request, "releases/releases.html", context)


def _held_back(standing: Standing, course: Course) -> Release | None:
    """The release that the person reads, where it is not the newest; one query where it is not."""
    own = release_for(standing, course)
    return own if own is not None and own.pk != course.newest_release_id else None


@require_safe
def release(request: HttpRequest, course: str, number: int) -> HttpResponse:
    """What one release changed, for those who teach the course."""
    found = course_for(request.user, course)
    place = reverse("releases:release", args=[found.slug, number])
    if found.slug != course:
        return HttpResponsePermanentRedirect(place)
    if not isinstance(request.user, User):
        return redirect_to_login(place)
    require(request.user, "course.see_draft", found)
    shown = release_numbered(found, number)
    context = {
        "course": found,
        "title": shown.title,
        "release": shown,
        "newest_id": found.newest_release_id,
        "diff": release_changes(found, shown),
    }
    return render(request, "releases/release.html", context)
