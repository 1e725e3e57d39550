"""Read a text file of the project whole, or say in one fault why it cannot be read.

Every sheet and YAML file is a regular file of UTF-8 text without a byte-order mark. What is not
is refused before its content is looked at, so that no encoding is ever guessed.
"""

from __future__ import annotations

import stat
from pathlib import Path

from meishan_model.errors import Fault

LARGEST_FILE = 32 * 2**20
"""Bytes above which a file is no sheet: it is refused before it is read into memory."""

_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def read_plain_text(path: Path, file: str) -> tuple[str, Fault | None]:
    """Read a text file.

    Parameters
    ----------
    path
        The file.
    file
        Its name in the fault.

    Returns
    -------
    text, fault
        The text, or ``""`` and what is wrong: no such file, a folder or a pipe in its place, no
        right to read it, too large, byte-order mark, another encoding than UTF-8, NUL characters.
    """
    raw, fault = _read_bytes(path, file)
    if fault is not None:
        return "", fault
    remedy = "save the file as UTF-8 without a byte-order mark"
    if raw.startswith(_BYTE_ORDER_MARKS):
        return "", Fault(file, "starts with a byte-order mark", row=1, remedy=remedy)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"0x{raw[error.start]:02x}"
        return "", Fault(file, "is not UTF-8", row=line, value=byte, remedy=remedy)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return "", Fault(file, "holds a NUL character", row=line, remedy=remedy)
    return text, None


def _read_bytes(path: Path, file: str) -> tuple[bytes, Fault | None]:
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            return b"", Fault(file, "is a folder, not a file", remedy="put the file itself there")
        if not stat.S_ISREG(about.st_mode):
            return b"", Fault(file, "is no regular file", remedy="put the file itself there")
        if about.st_size > LARGEST_FILE:
            return b"", _too_large(file, about.st_size)
        return path.read_bytes(), None
    except FileNotFoundError:
        remedy = "add the file or correct its name"
        return b"", Fault(file, "there is no such file", remedy=remedy)
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        return b"", Fault(file, message, remedy="correct the file, its link or its permissions")


def _too_large(file: str, size: int) -> Fault:
    most = LARGEST_FILE // 2**20
    message = "is too large to be a file of this project"
    return Fault(file, message, value=f"{size / 2**20:.0f} MB", remedy=f"at most {most} MB")
