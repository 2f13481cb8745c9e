-- warning: a race is at a course that is missing from the vendor's list of courses
-- A new course can be on a card before the vendor lists it.
SELECT races.course_id, races.course_name, count(*) AS races
FROM ra_races AS races
LEFT JOIN ra_mst_courses AS courses ON courses.id = races.course_id
WHERE courses.id IS NULL
GROUP BY races.course_id, races.course_name
