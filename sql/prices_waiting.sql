-- Runners whose price history has not been requested yet, of races from one day (the first parameter) to before
-- another (the second): a history is complete once its race is over.
SELECT runners.race_id, runners.horse_id
FROM ra_runners AS runners
JOIN ra_races AS races ON races.id = runners.race_id
LEFT JOIN ra_price_requests AS requests
    ON requests.race_id = runners.race_id AND requests.horse_id = runners.horse_id
WHERE requests.race_id IS NULL
    AND races.date >= %s
    AND races.date < %s
