"""The rooms' models, where Django looks for them."""

from notifications.email.models import OutgoingMail

__all__ = ["OutgoingMail"]
