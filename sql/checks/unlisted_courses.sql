-- warning: a race is at a course that the vendor's list of courses does not have
-- The list is the vendor's own: a new course comes on a card before it is listed.
SELECT races.course_id, races.course_name, count(*) AS races
FROM ra_races AS races
LEFT JOIN ra_mst_courses AS courses ON courses.id = races.course_id
WHERE courses.id IS NULL
GROUP BY races.course_id, races.course_name
