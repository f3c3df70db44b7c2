"""Why a request with an Idempotency-Key is refused."""

from academy.platform.errors import AcademyError, ConflictError, InvalidInputError


class KeyMalformedError(InvalidInputError):
    """An Idempotency-Key is 1 to 255 printable ASCII characters."""

    code = "idempotency_key_malformed"


class KeyReusedError(AcademyError):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"
    http_status = 422


class KeyInFlightError(ConflictError):
    """The first request with this Idempotency-Key has not been answered yet."""

    code = "idempotency_key_in_flight"
