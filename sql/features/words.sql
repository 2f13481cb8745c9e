-- What the words of races mean, for past runs and for today's alike: a going, and a kind of distance.
CREATE TEMPORARY TABLE feature_goings AS
SELECT * FROM (
    VALUES
        ('hard', 1), ('firm', 1), ('good to firm', 1),
        ('good', 2), ('good to yielding', 2),
        ('good to soft', 3), ('yielding', 3),
        ('soft', 4), ('yielding to soft', 4), ('very soft', 4), ('holding', 4),
        ('heavy', 5), ('soft to heavy', 5),
        ('fast', 11), ('standard to fast', 11),
        ('standard', 12),
        ('slow', 13), ('standard to slow', 13), ('muddy', 13), ('sloppy', 13)
) AS goings (word, going);

CREATE TEMPORARY TABLE feature_bands AS
SELECT * FROM (
    VALUES
        ('Flat', 0, 7, 1), ('Flat', 7, 10, 2), ('Flat', 10, 13, 3), ('Flat', 13, 1000, 4),
        ('Jumps', 0, 18.5, 1), ('Jumps', 18.5, 22.5, 2), ('Jumps', 22.5, 1000, 3)
) AS bands (code, at_least, below, band);
