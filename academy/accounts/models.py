"""The person."""

import unicodedata
from typing import Any, ClassVar, Final

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from academy.accounts.agents import browser_name
from academy.accounts.zones import is_zone
from academy.platform.realtime.publishing import publish_on_commit


def validate_time_zone(name: str) -> None:
    """Refuse what is no zone that somebody lives in."""
    if not is_zone(name):
        raise ValidationError(_("“%(name)s” is no time zone."), params={"name": name})


# Without these two, some scripts and some emoji are written wrongly.
def usual_language() -> str:
    """The language of who chose none."""
    return str(settings.LANGUAGE_CODE)


_RIGHTS: Final = frozenset({"role", "is_active"})
_JOINERS: Final = frozenset("\u200c\u200d")


def validate_name(name: str) -> None:
    """Refuse what breaks a line, turns the text around it, or cannot be seen."""
    for character in name:
        category = unicodedata.category(character)
        if character not in _JOINERS and (category[0] == "C" or category in {"Zl", "Zp"}):
            raise ValidationError(_("A name is one line of characters that can be seen."))


class Role(models.TextChoices):
    LEARNER = "learner", _("Learner")
    INSTRUCTOR = "instructor", _("Instructor")
    OPERATOR = "operator", _("Operator")


class People(UserManager["User"]):
    def create_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra_fields: Any,
    ) -> "User":
        return super().create_superuser(
            username, email, password, **{"role": Role.OPERATOR, **extra_fields}
        )


class User(AbstractUser):
    """A person: learner, instructor or operator.

    E-mail addresses are unique whatever their case; an empty one is nobody's. An operator is
    staff, and only an operator is: `save` keeps the two alike.
    """

    first_name: ClassVar[None] = None  # type: ignore[assignment,misc]
    last_name: ClassVar[None] = None  # type: ignore[assignment,misc]
    email = models.EmailField(_("e-mail address"), blank=True)
    display_name = models.CharField(
        _("name shown to others"), max_length=120, blank=True, validators=[validate_name]
    )
    language = models.CharField(_("language"), max_length=35, default=usual_language)
    # The language in which accounts begin is not one that somebody chose.
    language_chosen = models.BooleanField(default=False, db_default=False, editable=False)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    # UTC that somebody chose is not the UTC in which accounts begin.
    time_zone_chosen = models.BooleanField(default=False, db_default=False, editable=False)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.LEARNER)

    objects: ClassVar[People] = People()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="one_person_per_email",
                condition=~models.Q(email=""),
                violation_error_message=_("Somebody has this e-mail address already."),
            ),
            models.UniqueConstraint(Lower("username"), name="one_person_per_username"),
        )

    def __str__(self) -> str:
        return self.display_name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_staff = self.role == Role.OPERATOR
        fields = kwargs.get("update_fields")
        if fields is not None and "role" in fields:
            kwargs["update_fields"] = {*fields, "is_staff"}
        # Wherever it was set: sessions end by Django's hash of it, tokens only here.
        has_new_password = getattr(self, "_password", None) is not None and not self._state.adding
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if not is_new and (fields is None or _RIGHTS & set(fields)):
            # Open sockets and streams look at once whether they still may.
            publish_on_commit(f"person:{self.pk}")
        if has_new_password:
            self.token_families.filter(revoked_at=None).update(revoked_at=Now())

    @property
    def is_operator(self) -> bool:
        return self.role == Role.OPERATOR

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        # Neither groups nor Django's superusers: the role alone.
        return self.is_active and self.is_operator

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_operator

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class TokenFamily(models.Model):
    """All tokens that came from one sign-in; only the newest refresh token of it is good.

    States: live -> revoked (by its owner, or because a spent refresh token was used again).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="token_families")
    current_jti = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("sign-in by token")
        verbose_name_plural = _("sign-ins by token")

    def __str__(self) -> str:
        return str(self.person)


class BrowserSignIn(models.Model):
    """A session of somebody, so that they can see where they are signed in and end it."""

    session_key = models.CharField(max_length=40, unique=True)
    person = models.ForeignKey(User, models.CASCADE, related_name="browser_sign_ins")
    agent = models.CharField(_("browser"), max_length=200, blank=True)
    began_at = models.DateTimeField(_("began"), db_default=Now())

    class Meta:
        verbose_name = _("sign-in by browser")
        verbose_name_plural = _("sign-ins by browser")

    def __str__(self) -> str:
        return str(self.person)

    @property
    def browser(self) -> str:
        return browser_name(self.agent)


class SocketTicket(models.Model):
    """Opens one socket, once, within seconds; only the digest of it is kept.

    `source` names the sign-in that asked for it (`session:<key>` or `family:<id>`): the socket
    is good for as long as that is.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    source = models.CharField(max_length=80)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("ticket for a live connection")
        verbose_name_plural = _("tickets for live connections")

    def __str__(self) -> str:
        return f"{self.person_id}: {self.digest[:8]}"


class CountedEvent(models.Model):
    """One event under a limit, counted here exactly while the cache instance does not answer."""

    key = models.CharField(max_length=160)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("counted event")
        verbose_name_plural = _("counted events")
        indexes = (models.Index(fields=["key", "at"]), models.Index(fields=["at"]))

    def __str__(self) -> str:
        return self.key
