"""One contender, serving on its core: ``serve.py <contender> <port>``. Configured like the hub, by the environment.

``hub`` is the hub's own server, as `hub serve` runs it. ``unrecorded`` is the same with the access log's commit
replaced: events are made, leaves hashed and receipts signed, and nothing is written; that is what the record costs.
``stub`` answers every request with the same bytes: the ceiling of the load generator.
"""

import asyncio
import sys
from typing import Any

import uvicorn
from measure import pin

STUB = b"x" * 1500


def main(contender: str, port: int) -> None:
    pin("server")
    if contender == "stub":
        stub(port)
        return
    if contender in {"hub", "unrecorded"}:
        from hub.cli.operate import bind, listen

        if contender == "unrecorded":
            _without_record()
        listen(bind("127.0.0.1", port))
        return
    uvicorn.run(
        f"{contender}:application", factory=True, host="127.0.0.1", port=port, log_level="warning", access_log=False,
        loop="uvloop", http="httptools",
    )  # fmt: skip


def _without_record() -> None:
    from hub.audit.log import Log, Recorded
    from hub.audit.receipt import sign_receipts

    async def commit(self: Any, group: Any) -> None:
        await asyncio.sleep(0)
        receipts = sign_receipts([one.leaf for one in group], self._signer)
        for pending, receipt in zip(group, receipts, strict=True):
            if not pending.done.done():
                pending.done.set_result(Recorded(receipt, None))

    Log._commit = commit  # type: ignore[method-assign]


def stub(port: int) -> None:
    """The smallest server there is."""
    import uvloop

    class Same(asyncio.Protocol):
        answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(STUB), STUB)

        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            self.transport.write(self.answer)

    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(Same, "127.0.0.1", port)
        await server.serve_forever()

    uvloop.run(forever())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
