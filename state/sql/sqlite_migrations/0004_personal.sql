-- The customers that a personal thing belongs to beside the one in its row: it goes with each of them.
CREATE TABLE also_of (
    project  TEXT NOT NULL,
    customer TEXT NOT NULL,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    PRIMARY KEY (project, customer, kind, id)
) STRICT, WITHOUT ROWID;

-- What is left of customers who were deleted before.
UPDATE thing
SET gone = 1, name = NULL, voucher = NULL, campaign = NULL, customer = NULL, created = 0, updated = NULL,
    fields = x'7b7d', stamps = x'5b5d'
WHERE gone = 0 AND kind IN ('segment_membership', 'consent', 'custom_event', 'event')
    AND EXISTS (
        SELECT 1 FROM thing AS c
        WHERE c.project = thing.project AND c.kind = 'customer' AND c.id = thing.customer AND c.gone = 1
    );
