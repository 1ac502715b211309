"""Loading in a process of its own, so that a process that answers questions is neither blocked nor grown by it.

In charge of that process: it runs at a lower priority, is ended when nobody waits for it any more, and leaves nothing
half done however it ends. Raises what ``load`` raises; ExecuteError where the process was cut off.
"""

import asyncio
import os
import pickle
import sys
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from hub.errors import ExecuteError, HubError
from hub.intake import BatchReport, load
from hub.sealing import Keyring
from hub.store.engine import engine_for

NICE: Final = 10


@dataclass(frozen=True, slots=True)
class Load:
    """What to load, and with what. ``url``: the database's, for the writer."""

    delivery: str
    files: list[Path]
    period: date
    by: str
    channel: str
    url: str
    keyring: Keyring
    declarations: Path
    archive: Path

    def here(self) -> BatchReport:
        """Load in this process."""
        engine = engine_for("writer", self.url)
        try:
            return load(
                self.delivery, self.files, period=self.period, engine=engine, keyring=self.keyring,
                declarations=self.declarations, archive=self.archive, by=self.by, channel=self.channel,
            )  # fmt: skip
        finally:
            engine.dispose()


async def load_apart(work: Load) -> BatchReport:
    """Load in a process of its own. Cancelled: the process is ended, and nothing was loaded."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        # Through its own pipe, nowhere else: the keys are among it. Without what a keyring has worked out for itself.
        told, _ = await process.communicate(pickle.dumps(replace(work, keyring=replace(work.keyring))))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if not told:
        raise ExecuteError(
            "EXECUTE_LOAD",
            "The load was cut off",
            f"the process that loaded ended with {process.returncode}",
            "Nothing was half done: deliver it again",
        )
    became: BatchReport | HubError = pickle.loads(told)  # noqa: S301 -- from the process that was started above
    if isinstance(became, HubError):
        raise became
    return became


def main() -> None:
    """Load what stands on the standard input, tell the standard output."""
    os.nice(NICE)
    work: Load = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 -- from the process that started this one
    became: BatchReport | HubError
    try:
        became = work.here()
    except HubError as refused:
        became = refused
    except Exception as error:  # noqa: BLE001 -- whatever it is, its words may quote a row: they go nowhere
        became = ExecuteError(
            "EXECUTE_LOAD", "The load failed", type(error).__name__, "Nothing was loaded. Tell the hub's operator"
        )
    sys.stdout.buffer.write(pickle.dumps(became))


if __name__ == "__main__":
    sys.modules["hub.intake.apart"] = sys.modules["__main__"]  # what is unpickled is of this very module
    main()
