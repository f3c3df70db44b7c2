"""`/ws/tasks/<task_id>/`."""

from typing import Any

from academy.accounts.errors import ForeignOriginError
from academy.accounts.sockets import SocketSignIn, authenticate_socket, person_still_signed_in
from academy.platform.errors import AcademyError
from academy.platform.realtime.hub import Frame
from academy.platform.realtime.sockets import FORBIDDEN, SIGNED_OUT, ClosedError, TopicConsumer
from academy.platform.realtime.threads import in_thread
from scheduler.jobs.errors import JobNotFoundError
from scheduler.jobs.live import frames, personal
from scheduler.jobs.selectors import job_for


class JobConsumer(TopicConsumer):
    """Shows one job to somebody who watches it; closes with 1000 after the terminal state."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sign_in: SocketSignIn | None = None

    async def admit(self) -> str:
        self._sign_in = await in_thread(self._admitted)()
        return f"task:{self._job_id}"

    def person_id(self) -> int:
        assert self._sign_in is not None
        return self._sign_in.person.pk

    async def still_admitted(self) -> int | None:
        return await in_thread(self._refusal)()

    async def first(self, topic: str) -> Frame | None:
        return (await in_thread(frames)([self._job_id])).get(self._job_id)

    def shown(self, frame: Frame) -> Frame:
        assert self._sign_in is not None
        return personal(frame, person=self._sign_in.person)

    @property
    def _job_id(self) -> str:
        return str(self.scope["url_route"]["kwargs"]["job_id"])

    def _admitted(self) -> SocketSignIn:
        try:
            sign_in = authenticate_socket(self.scope)
            job_for(job_id=self._job_id, person=sign_in.person)
        except ForeignOriginError as error:
            raise ClosedError(None) from error
        except JobNotFoundError as error:
            raise ClosedError(FORBIDDEN) from error
        except AcademyError as error:
            raise ClosedError(SIGNED_OUT) from error
        return sign_in

    def _refusal(self) -> int | None:
        assert self._sign_in is not None
        person = person_still_signed_in(self._sign_in)
        if person is None:
            return SIGNED_OUT
        try:
            job_for(job_id=self._job_id, person=person)
        except JobNotFoundError:
            return FORBIDDEN
        return None
