"""Erasing deleted customers in the embedded database: their personal things, and dead letters.

Part of the transaction that deletes them. One writer writes, so nothing has to be locked.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from schemas import jsontext
from state import kinds, letter_people, letters
from state.facts import ThingKey
from state.letter_people import Scrub
from state.personal import AlsoOf
from state.sqltext import escape
from state.store import DeadLetter

Statements = Mapping[str, str]

_LONGEST_WAIT_MS: Final = 50

_KINDS: Final = jsontext.encode(sorted(kinds.PERSONAL)).decode()


def erase(db: sqlite3.Connection, sql: Statements, deleted: Sequence[ThingKey]) -> None:
    """Let everything go that belongs to these customers."""
    for customer in deleted:
        whose = {"project": escape(customer.project), "customer": escape(customer.id)}
        db.execute(sql["erase_personal"], {**whose, "kinds": _KINDS})
        db.execute(sql["erase_also_of"], whose)
        db.execute(sql["forget_also_of"], whose)


def note(db: sqlite3.Connection, sql: Statements, also_of: Sequence[AlsoOf]) -> None:
    """Keep whose things are beside the customers in their rows."""
    db.executemany(sql["insert_also_of"], also_of)


def free_letters(
    db: sqlite3.Connection, sql: Statements, deleted: Sequence[ThingKey], scrub: Scrub
) -> None:
    """Take these customers out of the dead letters that are about them."""
    for customer in deleted:
        projects, id_ = letters.telling_of(customer.project, customer.id)
        about = (jsontext.encode(projects).decode(), id_)
        for row in db.execute(sql["letters_about"], about).fetchall():
            letter = letters.from_row(row)
            freed = letter_people.freed(letter, [customer.id], scrub)
            if freed != letter:
                db.execute(sql["replace_dead_letter"], letter_people.to_row(freed))
                db.execute(sql["forget_about"], freed.place)
                db.executemany(sql["insert_about"], letters.about(freed))


def freed(
    db: sqlite3.Connection, sql: Statements, kept: Sequence[DeadLetter], scrub: Scrub
) -> list[DeadLetter]:
    """New letters without those of whom they tell late."""
    projects: list[str] = []
    if any(letter.project is None for letter in kept):
        projects = [name for (name,) in db.execute(sql["projects"])]
    asked = letter_people.asked(kept, projects, escape)
    found = db.execute(sql["gone_customers"], (jsontext.encode(asked).decode(),))
    gone = {(project, id_) for project, id_ in found}
    return [letter_people.freed_of(letter, gone, projects, escape, scrub) for letter in kept]


def empty_journal(db: sqlite3.Connection) -> bool:
    """Bring the journal into the database and cut it; False where readers still need it."""
    (usual,) = db.execute("PRAGMA busy_timeout").fetchone()
    db.execute(f"PRAGMA busy_timeout = {_LONGEST_WAIT_MS}")
    try:
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout = {usual}")
    return not busy
