"""Texts that come from outside, made fit to be printed, logged, sent or noted."""

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
