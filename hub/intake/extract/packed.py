"""A ZIP of files, streamed from where it lies: each file in it is a file of the batch, and nothing is unpacked to disk.

Names are UTF-8 where the ZIP says so, else by strict trial UTF-8, GB18030, CP437. Refuses encrypted files, two files of
one name, and what unpacks to more than ``HUB_UNPACKED_BYTES`` or by ``HUB_UNPACKED_RATIO``. Touches no database.
"""

import re
from functools import partial
from io import BufferedReader, RawIOBase
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from hub.errors import IntakeError
from hub.settings import settings

from . import Delivered, Report
from .detect import whole

UTF_8 = 0x800  # the flag of an entry whose name is UTF-8
ENCRYPTED = 0x1 | 0x40
SMALL = 1 << 20  # bytes unpacked below which no ratio is looked at: a page of blanks is no bomb
_MANIFEST = re.compile(r"(?:.*/)?manifest\.(?:json|toml)(?:\.sig)?", re.IGNORECASE)
_JUNK = re.compile(r"(?:.*/)?(?:__MACOSX/.*|\.[^/]*|~\$[^/]*|Thumbs\.db|desktop\.ini)", re.IGNORECASE)


def members(file: Delivered, report: Report) -> list[Delivered]:
    """The files of the batch in a ZIP, by name; what an operating system leaves in it is passed over and reported."""
    found = entries(file)
    if passed := [name for name in found if _JUNK.fullmatch(name)]:
        report["passed_over"] = passed
    taken = [found[name] for name in sorted(found) if not _JUNK.fullmatch(name) and not _MANIFEST.fullmatch(name)]
    if not taken:
        raise IntakeError("INTAKE_FORMAT", f"{file.name} holds no file")
    return taken


def manifests(file: Delivered) -> dict[str, Delivered]:
    """The manifest in a ZIP, and its signature, by name."""
    return {name: one for name, one in entries(file).items() if _MANIFEST.fullmatch(name)}


def entries(file: Delivered) -> dict[str, Delivered]:
    """Every file in a ZIP by its name. IntakeError: one is encrypted, or unpacks to too much."""
    with file.open() as stream, whole(file.name, "a whole ZIP"), ZipFile(stream) as package:
        infos = [info for info in package.infolist() if not info.is_dir()]
    _bounded(file.name, infos)
    found: dict[str, Delivered] = {}
    for info in infos:
        name = _name(info)
        where = f"{file.name}/{name}"
        if info.flag_bits & ENCRYPTED:
            raise IntakeError(
                "INTAKE_ENCRYPTED", f"{where} is encrypted", "", "pack it without a password; the hub seals it"
            )
        if name in found:
            raise IntakeError("INTAKE_FORMAT", f"{where} stands twice in the ZIP", "", "pack it again")
        found[name] = Delivered(where, partial(_opened, file, info, where))
    return found


def _bounded(name: str, infos: list[ZipInfo]) -> None:
    """What the entries say they unpack to binds: none is ever read further."""
    limits = settings()
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise IntakeError(
            "INTAKE_SIZE", f"{name} unpacks to more than {limits.unpacked_bytes} bytes", "",
            "deliver it in parts, or raise HUB_UNPACKED_BYTES",
        )  # fmt: skip
    for info in infos:
        if info.file_size > max(SMALL, limits.unpacked_ratio * info.compress_size):
            raise IntakeError(
                "INTAKE_SIZE", f"{name}/{_name(info)} unpacks to more than {limits.unpacked_ratio} times its size", "",
                "pack it again; if it is right, raise HUB_UNPACKED_RATIO",
            )  # fmt: skip


def _name(info: ZipInfo) -> str:
    if info.flag_bits & UTF_8:
        return info.filename
    raw = info.orig_filename.encode("cp437")  # as zipfile decodes what bears no flag
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return info.filename


def _opened(file: Delivered, info: ZipInfo, where: str) -> BinaryIO:
    return BufferedReader(_Member(file, info, where), 1 << 20)


class _Member(RawIOBase):
    """One file of a ZIP as a stream. Where it is damaged, reading it raises IntakeError."""

    def __init__(self, file: Delivered, info: ZipInfo, where: str) -> None:
        self._where = where
        self._stream = file.open()
        try:
            with whole(where, "whole"):
                self._member = ZipFile(self._stream).open(info)  # noqa: SIM115  # closed with this stream
        except IntakeError:
            self._stream.close()
            raise

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the buffers that occur
        with whole(self._where, "whole"):
            block = self._member.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def seek(self, offset: int, whence: int = 0) -> int:
        with whole(self._where, "whole"):
            return self._member.seek(offset, whence)

    def tell(self) -> int:
        return self._member.tell()

    def close(self) -> None:
        if not self.closed:
            self._member.close()
            self._stream.close()
        super().close()
