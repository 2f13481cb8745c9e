"""Mutants of the promises in docs/reliability.md, by their numbers."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

LOADS: Final = (
    "tests/test_bounds.py::test_working_folder_keeps_the_notes_of_the_last_loads_and_no_row"
)

PROMISES: Final = (
    Mutant(
        "pages-by-limit",
        "promise 1",
        "the next page starts behind what was requested, not behind what came",
        "pipelines/api/pages.py",
        'request.params["skip"] = self.received',
        'request.params["skip"] += self.limit',
        ("tests/test_api_paging.py::test_a_server_that_caps_the_page_lower_loses_nothing",),
    ),
    Mutant(
        "empty-by-mistake-is-complete",
        "promise 1",
        "a day that had races and has none now is called complete",
        "pipelines/plan/coverage.py",
        "    if before and not answer.received:\n",
        "    if before < 0 and not answer.received:\n",
        ("tests/test_faults_paging.py::test_a_day_that_had_races_is_never_a_day_without",),
    ),
    Mutant(
        "race-without-a-region-is-left-out",
        "promise 1",
        "a race is dropped because its region is blank",
        "pipelines/mapping/days.py",
        "return not isinstance(region, str) or region.lower() in self.regions",
        "return isinstance(region, str) and region.lower() in self.regions",
        (
            "tests/test_faulty_values.py::"
            "test_race_of_another_region_is_left_out_and_counted_and_one_without_is_kept",
        ),
    ),
    Mutant(
        "unreadable-runner-has-left",
        "promise 1",
        "a runner that could not be read for once is deleted as a non-runner",
        "pipelines/mapping/chunk.py",
        "doubtful = frozenset(self.found.doubtful & self.days.keys())",
        "doubtful = frozenset[date]()",
        (
            "tests/test_faults_content.py::"
            "test_runner_without_an_id_for_once_takes_nobody_off_the_card_or_the_result",
        ),
    ),
    Mutant(
        "failed-day-forgets-its-rows",
        "promise 1",
        "a loaded day that fails today is noted as failed",
        "pipelines/loading/days.py",
        "            chunk.kept.add(answer.day)\n",
        "            pass\n",
        ("tests/test_faults_days.py::test_what_is_noted_of_a_loaded_day_stays_when_it_fails",),
    ),
    Mutant(
        "keys-without-a-unique-index",
        "promise 2",
        "the database lets a second row of one key in",
        "pipelines/tables/ddl.py",
        "CREATE UNIQUE INDEX IF NOT EXISTS",
        "CREATE INDEX IF NOT EXISTS",
        ("tests/test_invariants.py::test_sound_pipeline_keeps_every_invariant",),
    ),
    Mutant(
        "id-in-capitals-is-another",
        "promise 2",
        "HRS_1 and hrs_1 are two horses",
        "pipelines/parsing/values.py",
        "value = value.strip(_INVISIBLE).lower()\n",
        "value = value.strip(_INVISIBLE)\n",
        ("tests/test_parsing_values.py::test_text",),
    ),
    Mutant(
        "coverage-before-rows",
        "promise 3",
        "days are called complete before the models made from their rows",
        "pipelines/loading/days.py",
        "    move_runners(database, chunk)\n",
        "    note_coverage(database, chunk.noted)\n    move_runners(database, chunk)\n",
        ("tests/test_recovery.py::test_days_are_called_complete_when_all_of_their_rows_are_there",),
    ),
    Mutant(
        "cursor-on-a-day-to-come",
        "promise 3",
        "dlt's cursor moves to days that are not complete",
        "pipelines/mapping/chunk.py",
        'if row["status"] == "complete" and row["loaded"]}',
        'if row["loaded"]}',
        ("tests/test_cursor.py",),
    ),
    Mutant(
        "some-tables-cover-a-day",
        "promise 3",
        "a run of one table calls its days complete",
        "pipelines/loading/__init__.py",
        "is_whole = self.tables.issuperset(tables_from(endpoint))",
        "is_whole = not self.tables.isdisjoint(tables_from(endpoint))",
        (
            "tests/test_cli.py::"
            "test_only_the_tables_asked_for_are_written_and_no_day_is_called_covered",
        ),
    ),
    Mutant(
        "beyond-the-plan-is-missing",
        "promise 4",
        "a backfill fails because of days that the plan does not reach",
        "pipelines/loading/days.py",
        "        if status is BEYOND:\n",
        "        if status is None:\n",
        ("tests/test_plan_border.py::test_border_is_met_once_noted_and_not_asked_for_again",),
    ),
    Mutant(
        "partial-is-not-missing",
        "promise 4",
        "a run that loaded half a day ends with 0",
        "pipelines/loading/days.py",
        "        elif status not in (Status.COMPLETE, Status.OPEN):\n",
        "        elif status not in LOADED:\n",
        ("tests/test_faults_days.py::test_half_a_day_is_loaded_and_noted_as_half",),
    ),
    Mutant(
        "failed-profiles-are-not-missing",
        "promise 4",
        "profiles that failed are named only if all did",
        "pipelines/steps/records.py",
        "        if self.failures:\n",
        "        if len(self.failures) == self.tally.total():\n",
        (
            "tests/test_faults_days.py::"
            "test_one_profile_that_fails_is_named_and_the_others_are_loaded",
        ),
    ),
    Mutant(
        "partial-is-settled",
        "promise 5",
        "a day of which half is loaded is not requested again",
        "pipelines/plan/coverage.py",
        "SETTLED = frozenset({Status.COMPLETE, Status.BEYOND_PLAN})",
        "SETTLED = frozenset({Status.COMPLETE, Status.BEYOND_PLAN, Status.PARTIAL})",
        ("tests/test_modes.py",),
    ),
    Mutant(
        "gaps-before-the-window-stay",
        "promise 5",
        "a daily run does not repair what an earlier one has left",
        "pipelines/plan/coverage.py",
        "return self.unsettled([*noted, *missed])",
        "return self.unsettled(missed)",
        ("tests/test_modes.py",),
    ),
    Mutant(
        "refused-package-stays",
        "promise 5",
        "a package that the database refuses for good is in the way of every later run",
        "pipelines/database/database.py",
        "if self.pipeline.has_pending_data and is_for_good(error):",
        "if self.pipeline.has_pending_data and not is_for_good(error):",
        (
            "tests/test_faults_database.py::"
            "test_package_that_is_refused_for_good_is_not_in_the_way_of_the_next",
        ),
    ),
    Mutant(
        "password-is-a-text",
        "promise 6",
        "dlt takes the password for a plain setting, and writes it into the trace of its folder",
        "pipelines/settings.py",
        "    password: TSecretStrValue = None",
        "    password: str = None",
        ("tests/test_bounds.py::test_trace_that_dlt_writes_has_the_settings_without_the_password",),
    ),
    Mutant(
        "archive-tells-its-address",
        "promise 6",
        "the address of the archive is shown with the secret in it",
        "pipelines/archive/store.py",
        "self.name = self._root",
        "self.name = location",
        ("tests/test_archive.py::test_address_with_a_password_is_not_shown",),
    ),
    Mutant(
        "slack-address-in-the-log",
        "promise 6",
        "the error that is logged has the address of the Slack hook in it",
        "pipelines/cli/alarm.py",
        'logger.warning("Slack could not be notified of the run: %s", type(error).__name__)',
        'logger.warning("Slack could not be notified of the run: %s", error)',
        ("tests/test_alarm.py",),
    ),
    Mutant(
        "body-without-end",
        "promise 7",
        "an endless body is read until the memory is full",
        "pipelines/api/attempts.py",
        "        if len(body) > megabytes * 1_000_000:\n",
        "        if len(piece) > megabytes * 1_000_000:\n",
        (
            "tests/test_faults_http.py::"
            "test_an_answer_that_is_too_large_is_left_before_it_fills_the_memory",
        ),
    ),
    Mutant(
        "one-failure-more",
        "promise 7",
        "an endpoint that keeps failing is called once more than it should be",
        "pipelines/api/breaker.py",
        "if self._failures[endpoint.name] >= FAILURES:",
        "if self._failures[endpoint.name] > FAILURES:",
        (
            "tests/test_faults_patience.py::"
            "test_an_endpoint_that_keeps_failing_is_left_alone_and_others_are_not",
        ),
    ),
    Mutant(
        "skip-beyond-the-vendors",
        "promise 7",
        "a list without an end is paged beyond what the vendor allows",
        "pipelines/api/pages.py",
        "        if self.received > self.endpoint.highest_skip:\n",
        "        if self.received > self.endpoint.highest_skip + self.endpoint.highest_skip:\n",
        (
            "tests/test_faults_paging.py::"
            "test_a_list_without_an_end_is_left_where_the_vendor_pages_no_further",
        ),
    ),
    Mutant(
        "notes-of-every-load",
        "promise 7",
        "the working folder keeps the notes of thousands of loads",
        "pipelines/database/packages.py",
        "        for package in sorted(folder.iterdir())[:-PACKAGES_KEPT]:\n",
        "        for package in sorted(folder.iterdir())[:0]:\n",
        (LOADS,),
    ),
    Mutant(
        "loaded-files-stay",
        "promise 7",
        "the working folder keeps every row that was ever loaded",
        "pipelines/database/connection.py",
        '    "load.delete_completed_jobs": True,\n',
        '    "load.delete_completed_jobs": False,\n',
        (LOADS,),
    ),
    Mutant(
        "memo-without-end",
        "promise 7",
        "every text of a history is remembered",
        "pipelines/mapping/memo.py",
        "            if len(self) >= MOST_KEPT:\n",
        "            if len(self) < 0:\n",
        ("tests/test_memo.py",),
    ),
)
