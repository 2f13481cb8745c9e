"""The errors a user can meet, each one sentence that says what is wrong and what to do.

PipelineError
+-- UsageError              bad arguments or configuration: exit code 2, before any call is made
+-- DestinationError        the database cannot be reached or refuses
|   +-- LockedError         another run is at work: exit code 3
+-- ArchiveError            the archive of answers cannot be read or written
|   +-- DamagedError        a file of it is not what was written there
+-- ApiError                a call to The Racing API failed
    |                       with an error of the API's own, JSON with `detail`:
    +-- RefusedError        401, 403 or 422: asking again cannot help
    |   +-- AccessError     401 or 403
    +-- NotFoundError       404
    +-- UnavailableError    429, 5xx, any status without the API's own error, time-outs, resets and
    |                       broken bodies, after the last try
    +-- FaultError          an unexpected exception
"""

from __future__ import annotations

from pipelines.text import plain


class PipelineError(Exception):
    """Anything this software reports to its user in one sentence."""

    def __str__(self) -> str:
        """Return the sentence on one line, whatever text from an API or a database it contains."""
        return plain(super().__str__())


class UsageError(PipelineError):
    """Arguments or settings that cannot be used."""


class DestinationError(PipelineError):
    """The database cannot be reached, or refuses."""


class RefusedRowsError(DestinationError):
    """The database refuses too many rows of a table; what has other tables can still be loaded."""


class LockedError(DestinationError):
    """Another run holds the lock."""


class ArchiveError(PipelineError):
    """The archive cannot be read or written."""


class DamagedError(ArchiveError):
    """A file of the archive is incomplete, altered, or about something else than its name says."""


class ApiError(PipelineError):
    """A call to The Racing API failed."""


class RefusedError(ApiError):
    """The server refuses this request; a retry cannot help."""


class AccessError(RefusedError):
    """401 or 403 in the API's own words: the credentials, the plan or the bill."""

    def __init__(self, sentence: str, words: str = "") -> None:
        super().__init__(sentence)
        self.words = words
        """What the API said."""


class NotFoundError(ApiError):
    """404 in the API's own words: no such path, or nothing under that id."""


class UnavailableError(ApiError):
    """No usable response after the last attempt."""


class FaultError(ApiError):
    """A bug in this software that one call ran into; the log has the traceback."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"a bug in this software ({type(error).__name__}); the log has the details"
        )
