"""Reading a request's body, never more of it than is allowed. Touches no database."""

from starlette.types import Receive

from hub.errors import RequestError


class ClientGone(Exception):  # noqa: N818 -- says what is the case
    """The client closed the connection: nobody is there to be answered."""


async def read_body(receive: Receive, declared: bytes | None, most: int) -> bytes:
    """The body, at most `most` bytes. RequestError REQUEST_BODY_SIZE as soon as it is known to be larger.

    `declared` is the Content-Length, if there is one: what says that it is too large is not read at all. What a client
    goes on sending after the refusal is thrown away by the server, so that its connection stays usable.
    """
    if declared is not None and (not declared.isdigit() or len(declared) > 18 or int(declared) > most):
        raise _too_large(most)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > most:
            raise _too_large(most)
        return body
    chunks, size = [body], len(body)
    while message.get("more_body") and size <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    if size > most:
        raise _too_large(most)
    return b"".join(chunks)


def _too_large(most: int) -> RequestError:
    return RequestError(
        "REQUEST_BODY_SIZE", "The body is too large", detail=f"at most {most} bytes", hint="Ask in several requests"
    )
