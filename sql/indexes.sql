-- Make queries for one day or one entity fast on Postgres, where reading a whole table of two million runs
-- takes seconds. DuckDB reads the few columns it needs in less than one second, and more indexes would
-- only slow down its loads: it has none apart from the keys.
-- To change an index, give it a new name and add a DROP INDEX IF EXISTS for the old one here.

-- How many horses ran in a race, and how many won it: the view runs needs this for each of the first four,
-- and gets it from here without reading the rows. Views of everybody take a quarter of the time.
CREATE INDEX IF NOT EXISTS ra_race_results_race ON ra_race_results (race_id, position, finish_status);

-- A horse's runs (runner_history, today_card), a yard's fortnight (trainer_form_14d, today_card),
-- and everybody's record (jockey_stats and its sisters, performance_by_distance and _by_course).
CREATE INDEX IF NOT EXISTS ra_race_results_horse ON ra_race_results (horse_id);
CREATE INDEX IF NOT EXISTS ra_race_results_trainer ON ra_race_results (trainer_id, race_date);
DROP INDEX IF EXISTS ra_race_results_jockey;
DROP INDEX IF EXISTS ra_race_results_owner;
CREATE INDEX IF NOT EXISTS ra_race_results_jockey_day ON ra_race_results (jockey_id, race_date);
CREATE INDEX IF NOT EXISTS ra_race_results_owner_day ON ra_race_results (owner_id, race_date);
CREATE INDEX IF NOT EXISTS ra_race_results_sire ON ra_race_results (sire_id);
CREATE INDEX IF NOT EXISTS ra_race_results_dam ON ra_race_results (dam_id);
CREATE INDEX IF NOT EXISTS ra_race_results_damsire ON ra_race_results (damsire_id);

-- A day's results and runners, a yard's days, a horse's entries.
CREATE INDEX IF NOT EXISTS ra_race_results_day ON ra_race_results (race_date);
CREATE INDEX IF NOT EXISTS ra_runners_day ON ra_runners (race_date);
CREATE INDEX IF NOT EXISTS ra_card_runners_day ON ra_card_runners (race_date);
CREATE INDEX IF NOT EXISTS ra_runners_trainer ON ra_runners (trainer_id, race_date);
CREATE INDEX IF NOT EXISTS ra_runners_horse ON ra_runners (horse_id);

-- Who people are: the most recent card, or result, that names them. What a horse is: all of its cards.
CREATE INDEX IF NOT EXISTS ra_card_runners_jockey ON ra_card_runners (jockey_id, race_date);
CREATE INDEX IF NOT EXISTS ra_card_runners_trainer ON ra_card_runners (trainer_id, race_date);
CREATE INDEX IF NOT EXISTS ra_card_runners_owner ON ra_card_runners (owner_id, race_date);
CREATE INDEX IF NOT EXISTS ra_card_runners_horse ON ra_card_runners (horse_id);

-- A day's races (the newest of them for today_card), and a course's (draw_bias).
CREATE INDEX IF NOT EXISTS ra_races_day ON ra_races (date);
CREATE INDEX IF NOT EXISTS ra_card_races_day ON ra_card_races (date);
CREATE INDEX IF NOT EXISTS ra_result_races_day ON ra_result_races (date);
CREATE INDEX IF NOT EXISTS ra_races_course ON ra_races (course_id);

-- The few rows that sql/after_load.sql needs after each load, found without reading the others.
DROP INDEX IF EXISTS ra_runners_without_result;
DROP INDEX IF EXISTS ra_runners_marked_and_ran;
CREATE INDEX IF NOT EXISTS ra_runners_to_conclude ON ra_runners (race_id)
    WHERE finish_status IS NULL AND is_non_runner_on_card IS NOT TRUE;
CREATE INDEX IF NOT EXISTS ra_runners_out_but_ran ON ra_runners (race_id)
    WHERE finish_status IS NOT NULL AND is_scratched IS DISTINCT FROM false;
CREATE INDEX IF NOT EXISTS ra_runners_out_on_card ON ra_runners (race_id)
    WHERE finish_status IS NULL AND is_non_runner_on_card AND is_scratched IS DISTINCT FROM true;

-- Prices that are still on offer, for the changes of the next response; and what was seen since a moment.
CREATE INDEX IF NOT EXISTS ra_price_changes_open ON ra_price_changes (race_date) WHERE valid_to IS NULL;
CREATE INDEX IF NOT EXISTS ra_price_changes_day ON ra_price_changes USING brin (race_date);
CREATE INDEX IF NOT EXISTS ra_price_changes_seen ON ra_price_changes USING brin (seen_at);
CREATE INDEX IF NOT EXISTS ra_runner_changes_seen ON ra_runner_changes (seen_at);
CREATE INDEX IF NOT EXISTS ra_race_changes_seen ON ra_race_changes (seen_at);
CREATE INDEX IF NOT EXISTS ra_last_seen_day ON ra_last_seen (race_date);
CREATE INDEX IF NOT EXISTS ra_runner_odds_day ON ra_runner_odds (race_date);
