"""What happened to a person, for apps above that may care."""

from typing import Final

from django.dispatch import Signal

person_anonymised: Final = Signal()
"""`sender=None, person_id: int, username: str, addresses: tuple[str, ...]` (what they went by).

Sent inside the transaction that anonymises the person: the row has no name and no address any more.
"""
