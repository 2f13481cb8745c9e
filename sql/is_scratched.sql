-- Run while ra_runners.is_scratched has no default or must not be NULL: in a new database, and in one
-- that an earlier version has loaded, where horses without a number are those marked on a card.
UPDATE ra_runners SET is_non_runner_on_card = true
WHERE is_non_runner_on_card IS NULL AND is_scratched AND number IS NULL AND finish_status IS NULL;
ALTER TABLE ra_runners ALTER COLUMN is_scratched DROP NOT NULL;
