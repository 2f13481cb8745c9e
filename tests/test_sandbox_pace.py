"""The sandbox's limits and latency: tests that would fail if anything else slowed them down."""

import threading
import time

from pipelines.sandbox import SandboxOptions, running
from tests.test_sandbox_http import TODAY, ask

CEILINGS = {
    "/v1/courses": 1,
    "/v1/racecards/pro": 2,
    "/v1/results": 5,
    "/v1/horses/hrs_1/pro": 5,
}


def test_each_path_has_its_limit() -> None:
    with running(SandboxOptions(today=TODAY, scale=0.01)) as server:
        for path in CEILINGS:
            ask(server, path)  # the first call makes the day, which takes its time
        time.sleep(1)
        for path, ceiling in CEILINGS.items():
            answers = [ask(server, path) for _ in range(ceiling + 2)]
            refused = [response for response in answers if response.status_code == 429]
            assert refused == answers[ceiling:], path
            afters = sorted(response.headers.get("Retry-After", "") for response in refused)
            assert afters == ["", "1"], path


def test_at_the_rate_allowed_nothing_is_refused() -> None:
    with running(SandboxOptions(today=TODAY, scale=0.01)) as server:
        for _ in range(8):
            ask(server, "/v1/horses/hrs_1/pro")
            time.sleep(0.21)
        assert [call.status for call in server.calls] == [404] * 8


def test_calls_are_recorded_and_forgotten() -> None:
    with running(SandboxOptions(today=TODAY, scale=0.01)) as server:
        before = time.monotonic()
        ask(server, "/v1/courses", ("region_codes", "gb"), ("region_codes", "ire"))
        ask(server, "/v1/courses")
        first, second = server.calls
        assert (first.path, first.params, first.status) == (
            "/v1/courses",
            (("region_codes", "gb"), ("region_codes", "ire")),
            200,
        )
        assert (second.params, second.status) == ((), 429)
        assert before <= first.started <= second.started <= time.monotonic()
        server.clear()
        assert server.calls == []


def test_latency_is_added_to_every_answer_and_calls_overlap() -> None:
    ended: list[float] = []

    def ask_and_note() -> None:
        ask(server, "/v1/courses")
        ended.append(time.monotonic())

    with running(SandboxOptions(today=TODAY, limits=False, latency=0.5, scale=0.01)) as server:
        threads = [threading.Thread(target=ask_and_note) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        started = [call.started for call in server.calls]
    assert min(started) + 0.5 <= min(ended)
    assert max(started) < min(ended)
