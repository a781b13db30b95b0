-- How many things there are, of each campaign (`\` stands for none), so that a list's total is not counted
-- each time. Whatever writes things moves it, in the same transaction.
CREATE TABLE tally (
    project  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    campaign TEXT NOT NULL,
    things   INTEGER NOT NULL,
    PRIMARY KEY (project, kind, campaign)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER thing_told AFTER INSERT ON thing
WHEN NEW.gone = 0
    AND NEW.kind NOT IN ('consent', 'custom_event', 'event', 'membership', 'pending_points', 'points_bucket',
        'segment_membership', 'tracking', 'transaction')
BEGIN
    INSERT INTO tally (project, kind, campaign, things)
    VALUES (NEW.project, NEW.kind, coalesce(NEW.campaign, '\'), 1)
    ON CONFLICT DO UPDATE SET things = things + 1;
END;

CREATE TRIGGER thing_changed AFTER UPDATE OF gone, campaign ON thing
WHEN (OLD.gone <> NEW.gone OR OLD.campaign IS NOT NEW.campaign)
    AND NEW.kind NOT IN ('consent', 'custom_event', 'event', 'membership', 'pending_points', 'points_bucket',
        'segment_membership', 'tracking', 'transaction')
BEGIN
    UPDATE tally SET things = things - 1
    WHERE OLD.gone = 0 AND project = OLD.project AND kind = OLD.kind
        AND campaign = coalesce(OLD.campaign, '\');
    INSERT INTO tally (project, kind, campaign, things)
    SELECT NEW.project, NEW.kind, coalesce(NEW.campaign, '\'), 1 WHERE NEW.gone = 0
    ON CONFLICT DO UPDATE SET things = things + 1;
END;

INSERT INTO tally (project, kind, campaign, things)
SELECT project, kind, coalesce(campaign, '\'), count(*)
FROM thing
WHERE gone = 0
    AND kind NOT IN ('consent', 'custom_event', 'event', 'membership', 'pending_points', 'points_bucket',
        'segment_membership', 'tracking', 'transaction')
GROUP BY project, kind, campaign;
