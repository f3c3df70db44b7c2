"""Enrolment keys: made, used and revoked."""

import secrets
import unicodedata
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext as _

from academy.accounts.models import User
from academy.platform.documents.text import clean_line
from academy.platform.errors import InvalidInputError
from learning.courses.models import Course
from learning.enrolments.dates import good_key, usable_moment
from learning.enrolments.errors import (
    ForeignRowError,
    KeyNotFoundError,
    KeyRefusedError,
    NameTakenError,
)
from learning.enrolments.models import Cohort, EnrolmentKey
from learning.enrolments.services.holding import class_held, cohort_now

MIN_KEY_CHARACTERS: Final = 6
MAX_KEY_CHARACTERS: Final = 64
MAX_USES: Final = 1_000_000
# Without those that are taken for each other; three groups of them are 59 bits.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 3
_GROUP_CHARACTERS: Final = 4


def key_folded(text: str) -> str:
    """The key as it is kept and compared: the same word whatever its case or composition."""
    composed = unicodedata.normalize("NFKC", clean_line(text)).casefold()
    return unicodedata.normalize("NFKC", composed)


def key_make(
    *,
    course: Course,
    acting_user: User,
    key: str = "",
    cohort: Cohort | None = None,
    max_uses: int | None = None,
    expires_at: datetime | None = None,
) -> EnrolmentKey:
    """Whoever knows the key enrols with it; without a word of one's own it is drawn by lot.

    Raises:
        InvalidInputError: the word is too short or too long, or the number of uses is none.
        ForeignRowError: the cohort is another course's.
        DateUnusableError: `expires_at` is no date that can be used.
        NameTakenError: the course has this key, or had it.
        CohortNotFoundError: the cohort is gone.
    """
    word = key_folded(key) or _drawn()
    if not MIN_KEY_CHARACTERS <= len(word) <= MAX_KEY_CHARACTERS:
        raise InvalidInputError(
            _("A key has %(least)d to %(most)d characters.")
            % {"least": MIN_KEY_CHARACTERS, "most": MAX_KEY_CHARACTERS},
            attr="key",
        )
    if max_uses is not None and not 1 <= max_uses <= MAX_USES:
        raise InvalidInputError(_("A key is good for at least one use."), attr="max_uses")
    if cohort is not None and cohort.course_id != course.pk:
        raise ForeignRowError(attr="cohort")
    made = EnrolmentKey(
        course=course,
        key=word,
        max_uses=max_uses,
        expires_at=usable_moment(expires_at, attr="expires_at"),
        created_by=acting_user,
    )
    with class_held(course_id=course.pk):
        if cohort is not None:
            made.cohort = cohort_now(cohort)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            raise NameTakenError(attr="key") from None
    return made


def key_revoke(*, key: EnrolmentKey, acting_user: User) -> EnrolmentKey:
    """The key opens nothing any more; who came with it stays. Twice is as good as once.

    Raises:
        KeyNotFoundError: it is gone.
    """
    EnrolmentKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=Now())
    found = EnrolmentKey.objects.filter(pk=key.pk).first()
    if found is None:
        raise KeyNotFoundError
    return found


def key_use(*, course: Course, key: str) -> EnrolmentKey:
    """One use of the key is counted; in the transaction of the enrolment that it opens.

    Raises:
        KeyRefusedError: unknown, used up, expired and revoked alike.
    """
    rows = EnrolmentKey.objects.alias(folded=Lower("key")).filter(
        good_key(), course_id=course.pk, folded=key_folded(key)
    )
    found = rows.select_related("cohort").first()
    left = Q(max_uses=None) | Q(uses__lt=F("max_uses"))
    # Counted only while there are uses left, whatever was read a moment ago.
    if found is None or not EnrolmentKey.objects.filter(left, pk=found.pk).update(
        uses=F("uses") + 1
    ):
        raise KeyRefusedError(attr="key")
    return found


def _drawn() -> str:
    groups = (
        "".join(secrets.choice(_LETTERS) for _letter in range(_GROUP_CHARACTERS))
        for _group in range(_GROUPS)
    )
    return "-".join(groups)
