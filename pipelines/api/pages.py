"""Paging by what was received, not by what was asked for."""

from __future__ import annotations

from typing import Any

from dlt.sources.helpers.rest_client.paginators import BasePaginator
from requests import Request, Response

from pipelines.api.failures import failure_of
from pipelines.endpoints import Endpoint
from pipelines.errors import UnavailableError


class CountedPages(BasePaginator):
    """Steps through a list by the rows received, until the `total` of the server is reached.

    dlt's own offset paginator steps by its limit: a server that caps the page lower would lose
    rows. Raises ApiError for a response that is not a page of the list.
    """

    def __init__(self, endpoint: Endpoint, limit: int | None) -> None:
        super().__init__()
        self.endpoint, self.limit = endpoint, limit
        self.received = 0
        self._last: list[Any] = []
        self.total: int | None = None

    def init_request(self, request: Request) -> None:
        """Ask for the first page, or for all of a list without paging."""
        if self.limit is None:
            return
        request.params = {**(request.params or {}), "limit": self.limit, "skip": 0}

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Count the page and decide whether there is another."""
        failure = failure_of(response, self.endpoint.path)
        if failure:
            raise failure
        body = data[0] if data else None
        records = body.get(self.endpoint.records) if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(records, list):
            raise UnavailableError(
                f"{self.endpoint.path} answered without a list of {self.endpoint.records}."
            )
        total = body.get("total")
        self.total = total if isinstance(total, int) and not isinstance(total, bool) else None
        self.received += len(records)
        is_new = bool(records) and records != self._last  # a server that ignores `skip` has no end
        self._has_next_page = is_new and self._is_more_expected(len(records))
        self._last = records

    def _is_more_expected(self, page_length: int) -> bool:
        if self.limit is None:
            return False
        return page_length >= self.limit if self.total is None else self.received < self.total

    def update_request(self, request: Request) -> None:
        """Ask for the page that starts behind the last row received."""
        request.params["skip"] = self.received
