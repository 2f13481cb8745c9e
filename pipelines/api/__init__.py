"""Calls to The Racing API: paced, retried, paged and counted."""

from pipelines.api.answers import DayAnswer
from pipelines.api.client import RacingApi

__all__ = ["DayAnswer", "RacingApi"]
