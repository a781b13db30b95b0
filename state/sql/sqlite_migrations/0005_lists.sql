-- A list is an index that is walked: so it has the id, by which ties are settled, and what says whether
-- the thing is there, its campaign. Then rows are looked at of the page itself only, however deep it is.
-- What is read by what it belongs to is in no index of a whole kind.
DROP INDEX thing_by_name;
CREATE INDEX thing_by_name ON thing (project, kind, name, id, gone, campaign)
    WHERE name IS NOT NULL AND gone = 0;

DROP INDEX thing_by_campaign;
CREATE INDEX thing_by_campaign ON thing (project, kind, campaign, created, id, gone)
    WHERE campaign IS NOT NULL AND gone = 0;

DROP INDEX thing_by_created;
CREATE INDEX thing_by_created ON thing (project, kind, created, id, gone, campaign)
    WHERE gone = 0
    AND kind NOT IN ('consent', 'custom_event', 'event', 'membership', 'pending_points',
        'points_bucket', 'segment_membership', 'tracking', 'transaction');

CREATE INDEX thing_by_updated ON thing (project, kind, updated, id, created, gone, campaign)
    WHERE updated IS NOT NULL AND gone = 0
    AND kind NOT IN ('consent', 'custom_event', 'event', 'membership', 'pending_points',
        'points_bucket', 'segment_membership', 'tracking', 'transaction');

CREATE INDEX gone_campaign ON thing (project, kind, gone, id) WHERE kind = 'campaign' AND gone = 1;
