-- error: a day is marked complete, but the API has more races than were received
SELECT endpoint, date, total, received, loaded
FROM ra_coverage
WHERE status = 'complete' AND received < total
