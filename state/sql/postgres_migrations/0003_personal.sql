-- The customers that a personal thing belongs to beside the one in its row: it goes with each of them.
CREATE TABLE also_of (
    project  text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    kind     text COLLATE "C" NOT NULL,
    id       text COLLATE "C" NOT NULL,
    PRIMARY KEY (project, customer, kind, id)
);

-- What is left of customers who were deleted before.
UPDATE thing AS t
SET gone = true, name = NULL, voucher = NULL, campaign = NULL, customer = NULL, created = 0, updated = NULL,
    fields = '{}', stamps = '[]'
FROM thing AS c
WHERE NOT t.gone AND t.kind IN ('segment_membership', 'consent', 'custom_event', 'event')
    AND c.project = t.project AND c.kind = 'customer' AND c.id = t.customer AND c.gone;
