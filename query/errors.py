"""Refusals, in the vendor's error object: `code`, `key`, `message`, `details`, `request_id`.

Handlers raise these; `query/endpoint.py` turns them into answers.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

Header = tuple[bytes, bytes]

_RETRY: Final = ((b"retry-after", b"1"),)


class ApiError(Exception):
    """What a caller did wrong or can't have, with what to do about it in `details`."""

    def __init__(
        self,
        status: int,
        key: str,
        message: str,
        details: str,
        *,
        resource: tuple[str, str] | None = None,
        headers: Sequence[Header] = (),
    ) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.message = message
        self.details = details
        self.resource = resource
        self.headers = headers

    def body(self, request_id: str) -> dict[str, Any]:
        """The vendor's error object."""
        found: dict[str, Any] = {
            "code": self.status,
            "key": self.key,
            "message": self.message,
            "details": self.details,
            "request_id": request_id,
        }
        if self.resource is not None:
            found["resource_type"], found["resource_id"] = self.resource
        return found


def not_found(resource_type: str, resource_id: str) -> ApiError:
    """A thing that is not there, or that nobody told us of; the state can't tell these apart."""
    return ApiError(
        404,
        "resource_not_found",
        "Resource not found",
        f"No {resource_type} with the id {resource_id} is held here",
        resource=(resource_type, resource_id),
    )


def bad_parameter(name: str, why: str) -> ApiError:
    """A query parameter that we can't apply as the vendor documents it."""
    return ApiError(400, "invalid_query_params", "Invalid query parameter", f"{name} {why}")


def bad_path() -> ApiError:
    """A path whose percent-encoding is no UTF-8."""
    return ApiError(
        400, "invalid_path", "Invalid path", "Percent-encoded bytes in the path are not UTF-8"
    )


def unauthorized() -> ApiError:
    """No key, or none that we know."""
    return ApiError(
        401,
        "unauthorized",
        "Unauthorized",
        "Send a valid pair of X-App-Id and X-App-Token headers",
    )


def no_such_path(path: str) -> ApiError:
    """Neither we nor the vendor have anything there."""
    return ApiError(404, "not_found", "Not found", f"{path} is no path of this API")


def not_held_locally(method: str, path: str) -> ApiError:
    """A path of the vendor's for which nothing is kept, or a change, which is its to make."""
    return ApiError(
        501,
        "not_held_locally",
        "Not held locally",
        f"{method} {path} can't be answered from the local copy; send it to Voucherify's own API "
        "(https://api.voucherify.io, or the address of your region)",
    )


def several_projects(projects: Iterable[str]) -> ApiError:
    """A key that is bound to no project, where there are several."""
    return ApiError(
        400,
        "project_ambiguous",
        f"Several projects are held here: {', '.join(projects)}",
        "Use an API key that is bound to one of them (app-id:token:project_id)",
    )


def unavailable() -> ApiError:
    """The state can't be read now."""
    return ApiError(
        503,
        "service_unavailable",
        "Service unavailable",
        "The state database can't be read now; try again shortly",
        headers=_RETRY,
    )


def overloaded() -> ApiError:
    """So many ask at once that the line is full, or does not move."""
    return ApiError(
        503,
        "overloaded",
        "Overloaded",
        "More is asked at once than can be answered in time; try again shortly, or run more copies",
        headers=_RETRY,
    )


def not_complete_yet(seconds: float) -> ApiError:
    """The state did not get as far as the caller wants it to be."""
    return ApiError(
        503,
        "not_complete_yet",
        "Not complete yet",
        f"Within {seconds:g} s the state was not complete up to the moment asked for; "
        "Voucherify-Sync-As-Of says how far it is; try again, or read without waiting",
        headers=_RETRY,
    )


def ending() -> ApiError:
    """This process is about to end; another copy, or the next one, will answer."""
    return ApiError(
        503,
        "service_unavailable",
        "Service unavailable",
        "This process is ending; try again shortly",
        headers=(*_RETRY, (b"connection", b"close")),
    )


def internal() -> ApiError:
    """A defect of ours. What went wrong is in our log, under the request's id."""
    return ApiError(
        500, "internal_error", "Internal error", "The log has the details under this request_id"
    )
