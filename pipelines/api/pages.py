"""Paging by the number of rows received, not requested."""

from __future__ import annotations

from typing import Any

from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response

from pipelines.api.answers import Body, identity_of, total_of
from pipelines.api.bodies import memory_of
from pipelines.api.endpoints import Endpoint
from pipelines.api.failures import failure_of


class CountedPages(BasePaginator):
    """Steps through a list by the rows received, until the `total` of the server is reached.

    dlt's own offset paginator steps by its limit: a server that caps the page lower would lose
    rows. Raises ApiError for any status but 200.
    """

    def __init__(self, endpoint: Endpoint, limit: int | None, megabytes: float) -> None:
        super().__init__()
        self.endpoint, self.limit, self.megabytes = endpoint, limit, megabytes
        self.received, self.size = 0, 0
        self.total: int | None = None
        self.doubt: str | None = None
        """Why the pages were left before their end."""
        self._last: list[Any] | None = None
        self._seen: set[str] = set()
        self._different = 0
        self._overlaps = self._changes = self._is_asked_again = False

    @property
    def has_shifted(self) -> bool:
        """Return whether rows have moved between pages, so some may be missing."""
        is_missing = self.total is not None and self._different < self.total
        return self._changes or (self._overlaps and is_missing)

    def init_request(self, request: Request) -> None:
        """Request the first page, or all of a list without paging."""
        if self.limit is None:
            return
        request.params = {**(request.params or {}), "limit": self.limit, "skip": 0}

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Count the page and decide whether there is another."""
        failure = failure_of(response, self.endpoint.path)
        if failure:
            raise failure
        assert data is not None
        body: Body = data[0]
        records: list[Any] = body[self.endpoint.records]
        self._is_asked_again = not records and self._last == []
        is_new = self._compare(records, total_of(body))
        self.received += len(records)
        self.size += memory_of(response.content)
        is_wanted = self.limit is not None and self._is_more_expected(body, len(records), is_new)
        self._has_next_page = is_wanted and self._is_more_possible()
        self._last = records

    def update_request(self, request: Request) -> None:
        """Request the page that starts after the last row received."""
        request.params["skip"] = self.received

    def _compare(self, records: list[Any], total: int | None) -> bool:
        """Compare a page with those before, and return whether it has anything new."""
        ids = [identity_of(record, self.endpoint.identity) for record in records]
        known = sum(id_ in self._seen for id_ in ids)
        is_new = records != self._last and known < len(ids)
        self._changes |= self._last is not None and total != self.total
        self._overlaps |= known > 0
        self._different += len(set(filter(None, ids)) - self._seen) + ids.count(None)
        self._seen.update(filter(None, ids))
        self.total = total
        return is_new

    def _is_more_expected(self, body: Body, page_length: int, is_new: bool) -> bool:
        is_missing = self.total is not None and self.received < self.total
        if not page_length:
            return is_missing and not self._is_asked_again  # one page may be empty by mistake
        if not is_new or self.total is None or is_missing:
            return is_new  # a server that ignores `skip` has no end
        return page_length >= self._page_size(body)  # `total` may be that of the page

    def _page_size(self, body: Body) -> int:
        limits = [self.limit, body.get("limit")]
        return min(limit for limit in limits if isinstance(limit, int) and limit > 0)

    def _is_more_possible(self) -> bool:
        if self.received > self.endpoint.highest_skip:
            self.doubt = f"more than the API can page: it skips {self.endpoint.highest_skip}"
        elif self.size > self.megabytes * 1_000_000:
            self.doubt = f"more than {self.megabytes:g} MB"
        return self.doubt is None
