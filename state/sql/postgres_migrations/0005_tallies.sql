-- How many things there are, of each campaign (`\` stands for none), so that a list's total is not counted
-- each time. Whatever writes things moves it, in the same transaction. Connections have lanes of
-- their own, so that writers do not wait for each other.
CREATE TABLE tally (
    project  text COLLATE "C" NOT NULL,
    kind     text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    lane     integer NOT NULL,
    things   bigint NOT NULL,
    PRIMARY KEY (project, kind, campaign, lane)
) WITH (fillfactor = 50);

CREATE FUNCTION tally_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally AS t (project, kind, campaign, lane, things)
    SELECT project, kind, coalesce(campaign, '\'), pg_backend_pid() % 256, count(*)
    FROM told
    WHERE NOT gone
        AND kind NOT IN ('consent', 'custom_event', 'event', 'membership', 'pending_points', 'points_bucket',
            'segment_membership', 'tracking', 'transaction')
    GROUP BY project, kind, campaign
    ORDER BY project, kind, campaign
    ON CONFLICT (project, kind, campaign, lane) DO UPDATE SET things = t.things + excluded.things;
    RETURN NULL;
END
$$;

CREATE FUNCTION tally_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally AS t (project, kind, campaign, lane, things)
    SELECT project, kind, coalesce(campaign, '\'), pg_backend_pid() % 256, sum(change)
    FROM (
        SELECT project, kind, campaign, gone, -1 FROM before
        UNION ALL
        SELECT project, kind, campaign, gone, 1 FROM after
    ) AS changed (project, kind, campaign, gone, change)
    WHERE NOT gone
        AND kind NOT IN ('consent', 'custom_event', 'event', 'membership', 'pending_points', 'points_bucket',
            'segment_membership', 'tracking', 'transaction')
    GROUP BY project, kind, campaign
    HAVING sum(change) <> 0
    ORDER BY project, kind, campaign
    ON CONFLICT (project, kind, campaign, lane) DO UPDATE SET things = t.things + excluded.things;
    RETURN NULL;
END
$$;

CREATE TRIGGER thing_told AFTER INSERT ON thing
    REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION tally_told();

CREATE TRIGGER thing_changed AFTER UPDATE ON thing
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION tally_changed();

INSERT INTO tally (project, kind, campaign, lane, things)
SELECT project, kind, coalesce(campaign, '\'), 0, count(*)
FROM thing
WHERE NOT gone
    AND kind NOT IN ('consent', 'custom_event', 'event', 'membership', 'pending_points', 'points_bucket',
        'segment_membership', 'tracking', 'transaction')
GROUP BY project, kind, campaign;
