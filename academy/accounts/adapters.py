"""What allauth asks of us: our stages of signing in, our key for second factors, and no words."""

import base64
import hashlib
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from academy.platform.http.addresses import client_address

_STAGES: Final = ("allauth.mfa.stages.AuthenticateStage",)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """After the password there is one stage more, and it is passed in silence where it is off."""

    def get_login_stages(self) -> list[str]:
        return list(_STAGES)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request.META)

    def add_message(self, *_args: Any, **_kwargs: Any) -> None:
        """Our pages say what happened; allauth's notes would say it twice."""

    def send_notification_mail(self, *_args: Any, **_kwargs: Any) -> None:
        """Our services write the mails."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of second factors are encrypted in the database, with a key of their own."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return _("Academy")


def _fernet() -> Fernet:
    # The setting is any text; Fernet wants 32 bytes.
    digest = hashlib.sha256(settings.FACTOR_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
