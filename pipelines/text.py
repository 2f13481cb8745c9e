"""Text for people: from outside made safe to print, and numbers with their nouns."""

from __future__ import annotations


def plain(text: str) -> str:
    r"""Return a text on one line, with every character that cannot be printed written out.

    Those are control characters, line breaks of every kind, and marks that hide or reorder text. A
    horse called 'Bold\x1b[2J\ncomplete' must not look like two lines of ours.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: 1 call, 2 calls, 3 retries."""
    plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
