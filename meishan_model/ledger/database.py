"""The file of the ledger: opened, made, locked for one transaction at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path

from meishan_model.errors import Fault, InputError, LockError, MeishanError

LEDGER_NAME = "ledger.sqlite"
SCHEMA_VERSION = 2
PATIENCE = 10.0
"""How long a process waits for another one's transaction [s]."""


class LedgerError(MeishanError):
    """A posting breaks a rule of the ledger, or the ledger is damaged; it stays as it was."""

    kind = "ledger"
    exit_code = 2


@contextmanager
def open_ledger(
    path: Path, *, create: bool = False, patience: float = PATIENCE
) -> Iterator[sqlite3.Connection]:
    """Open a ledger; it is closed at the end.

    Parameters
    ----------
    path
        The file, ``results/<scenario>/ledger.sqlite``.
    create
        Whether an empty one is made where there is none.
    patience
        How long to wait for another process [s].

    Yields
    ------
    sqlite3.Connection
        In autocommit mode: write within :func:`transaction`.

    Raises
    ------
    InputError
        If there is no ledger and none is to be made.
    LedgerError
        If the file is no ledger, is one of another version, or cannot be made.
    LockError
        If another process is writing for longer than `patience`.
    """
    if not (create or path.is_file()):
        remedy = "make it with: meishan ledger"
        raise InputError([Fault(str(path), "there is no ledger", remedy=remedy)])
    with _named_errors(path):
        connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    with closing(connection):
        with _named_errors(path):
            connection.execute("PRAGMA foreign_keys = ON")
            _require_schema(connection, path)
        yield connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: what is written inside is kept at the end, or nothing of it.

    Raises
    ------
    LockError
        If another process is writing for longer than the connection waits.
    LedgerError
        If what was written breaks a rule that is looked at in the end, or cannot be saved.
    """
    with _named_errors(file_of(connection)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def file_of(connection: sqlite3.Connection) -> Path:
    """Path of an open ledger."""
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def _require_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of an empty file; refuse a file of another kind."""
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if _version(connection) == 0 and not tables:
        _make_tables(connection)
    if (found := _version(connection)) != SCHEMA_VERSION:
        message = f"{path} is no ledger of version {SCHEMA_VERSION} (it says {found})"
        remedy = "move it away and post the slices anew with: meishan ledger"
        raise LedgerError(f"{message}: {remedy}")


def _make_tables(connection: sqlite3.Connection) -> None:
    """Make all tables in one transaction, unless another process was first."""
    script = resources.files("meishan_model.ledger") / "schema.sql"
    try:
        connection.executescript(script.read_text(encoding="utf-8"))
    except sqlite3.OperationalError:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if _version(connection) != SCHEMA_VERSION:
            raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    """Errors of the data base as those of this package."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            message = f"another process is writing to {path}; wait until it is done"
            raise LockError(message) from error
        raise LedgerError(f"{path} cannot be written or read: {error}") from error
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"{path}: {error}; nothing was posted") from error
