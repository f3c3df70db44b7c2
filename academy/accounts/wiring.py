"""What this app hangs up on the hooks of the platform when Django is ready."""

from academy.accounts import schema  # noqa: F401 -- drf-spectacular finds what is imported
from academy.accounts.services import event_count
from academy.platform.http.converters import register_converters
from academy.platform.http.limiting import register_counter

register_counter(event_count)
register_converters()
