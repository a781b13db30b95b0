-- One row for each thing of each kind: what is known of it, and the columns that queries look it up by.
CREATE TABLE thing (
    project  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    gone     INTEGER NOT NULL DEFAULT 0,
    name     TEXT,
    voucher  TEXT,
    campaign TEXT,
    customer TEXT,
    created  INTEGER NOT NULL,
    updated  INTEGER,
    fields   BLOB NOT NULL,
    stamps   BLOB NOT NULL,
    PRIMARY KEY (project, kind, id)
) STRICT;

-- What is gone is in no index but the key: queries ask for `gone = 0` and find it answered.
CREATE INDEX thing_by_name ON thing (project, kind, name)
    WHERE name IS NOT NULL AND gone = 0;
CREATE INDEX thing_by_voucher ON thing (project, kind, voucher, created)
    WHERE voucher IS NOT NULL AND gone = 0;
CREATE INDEX thing_by_campaign ON thing (project, kind, campaign, created)
    WHERE campaign IS NOT NULL AND gone = 0;
CREATE INDEX thing_by_customer ON thing (project, kind, customer, created)
    WHERE customer IS NOT NULL AND gone = 0;
CREATE INDEX thing_by_created ON thing (project, kind, created) WHERE gone = 0;

-- The offset of the next record wanted from each partition of the log.
CREATE TABLE position (
    partition TEXT NOT NULL,
    number    INTEGER NOT NULL,
    next      INTEGER NOT NULL,
    PRIMARY KEY (partition, number)
) STRICT;

-- The moment (in ms) up to which the state is complete.
CREATE TABLE as_of (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    moment INTEGER NOT NULL
) STRICT;

-- Events that could not be applied; published to the dead-letter topic after the commit.
CREATE TABLE dead_letter (
    partition TEXT NOT NULL,
    number    INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    topic     TEXT NOT NULL,
    event_id  TEXT,
    reason    TEXT NOT NULL,
    key       BLOB NOT NULL,
    value     BLOB NOT NULL,
    headers   BLOB NOT NULL,
    published INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (partition, number, position)
) STRICT;
