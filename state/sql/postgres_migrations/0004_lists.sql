-- A list is an index that is walked: so it has the id, by which ties are settled, and what says whether
-- the thing is there, its campaign. Then rows are looked at of the page itself only, however deep it is.
-- What is read by what it belongs to is in no index of a whole kind.
DROP INDEX thing_by_name;
CREATE INDEX thing_by_name ON thing (project, kind, name, id) INCLUDE (campaign)
    WHERE name IS NOT NULL AND NOT gone;

DROP INDEX thing_by_campaign;
CREATE INDEX thing_by_campaign ON thing (project, kind, campaign, created, id)
    WHERE campaign IS NOT NULL AND NOT gone;

DROP INDEX thing_by_created;
CREATE INDEX thing_by_created ON thing (project, kind, created, id) INCLUDE (campaign)
    WHERE NOT gone
    AND kind NOT IN ('consent', 'custom_event', 'event', 'membership', 'pending_points',
        'points_bucket', 'segment_membership', 'tracking', 'transaction');

CREATE INDEX thing_by_updated ON thing (project, kind, updated, id) INCLUDE (created, campaign)
    WHERE updated IS NOT NULL AND NOT gone
    AND kind NOT IN ('consent', 'custom_event', 'event', 'membership', 'pending_points',
        'points_bucket', 'segment_membership', 'tracking', 'transaction');

CREATE INDEX gone_campaign ON thing (project, id) WHERE kind = 'campaign' AND gone;

-- Now that an index has what changes with each movement, updates seldom stay on their page, so pages
-- need no room for them: it was a fifth of the table.
ALTER TABLE thing SET (fillfactor = 100);
