"""Sockets of signed-in people: what every one of them asks at the door, and again later."""

from typing import Any
from urllib.parse import parse_qs

from academy.accounts.errors import ForeignOriginError
from academy.accounts.models import User
from academy.accounts.sockets import SocketSignIn, authenticate_socket, person_still_signed_in
from academy.platform.errors import AcademyError
from academy.platform.realtime.hub import Frame, read_topics
from academy.platform.realtime.sockets import (
    FORBIDDEN,
    SIGNED_OUT,
    TRY_AGAIN_LATER,
    ClosedError,
    TopicConsumer,
)
from academy.platform.realtime.threads import in_thread


class PersonConsumer(TopicConsumer):
    """Shows a person the topic that their rights lead to (`topic_for`).

    A hint about the person, and at the latest the next look, closes the socket when the sign-in
    is over (4401) or the rights are gone (4403). Rights to another topic: the client comes back.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sign_in: SocketSignIn | None = None
        self._topic = ""

    def topic_for(self, person: User) -> str:
        """What the person may follow here; on a thread.

        Raises:
            AcademyError: nothing.
        """
        raise NotImplementedError

    async def admit(self) -> str:
        self._sign_in, self._topic = await in_thread(self._admitted)()
        return self._topic

    def person_id(self) -> int:
        return self.person.pk

    @property
    def person(self) -> User:
        """Whoever opened the socket."""
        assert self._sign_in is not None
        return self._sign_in.person

    @property
    def query(self) -> dict[str, str]:
        """What the address says after `?`; the first of each name."""
        text = self.scope.get("query_string", b"").decode("latin-1")
        return {name: values[0] for name, values in parse_qs(text).items()}

    async def still_admitted(self) -> int | None:
        return await in_thread(self._refusal)()

    async def first(self, topic: str) -> Frame | None:
        return (await in_thread(read_topics)([topic])).get(topic)

    def _admitted(self) -> tuple[SocketSignIn, str]:
        try:
            sign_in = authenticate_socket(self.scope)
        except ForeignOriginError as error:
            raise ClosedError(None) from error
        except AcademyError as error:
            raise ClosedError(SIGNED_OUT) from error
        try:
            return sign_in, self.topic_for(sign_in.person)
        except AcademyError as error:
            raise ClosedError(FORBIDDEN) from error

    def _refusal(self) -> int | None:
        assert self._sign_in is not None
        person = person_still_signed_in(self._sign_in)
        if person is None:
            return SIGNED_OUT
        try:
            topic = self.topic_for(person)
        except AcademyError:
            return FORBIDDEN
        return None if topic == self._topic else TRY_AGAIN_LATER
