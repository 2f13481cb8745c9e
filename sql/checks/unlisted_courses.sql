-- warning: a race is at a course that is missing from the vendor's list of courses
-- A new course can be on a card before the vendor lists it. On the vendor's free plan cards and results
-- name the course without its id, which is then blank.
SELECT races.course_id, races.course_name, count(*) AS races
FROM ra_races AS races
LEFT JOIN ra_mst_courses AS courses ON courses.id = races.course_id
WHERE courses.id IS NULL AND races.course_id <> ''
GROUP BY races.course_id, races.course_name
