-- One row for each thing of each kind: what is known of it, and the columns that queries look it up by.
-- Text is compared byte by byte (collation "C"), as SQLite does. Updates that change no indexed column
-- stay on their page (HOT), for which each page keeps some room.
CREATE TABLE thing (
    project  text COLLATE "C" NOT NULL,
    kind     text COLLATE "C" NOT NULL,
    id       text COLLATE "C" NOT NULL,
    gone     boolean NOT NULL,
    name     text COLLATE "C",
    voucher  text COLLATE "C",
    campaign text COLLATE "C",
    customer text COLLATE "C",
    created  bigint NOT NULL,
    updated  bigint,
    fields   json NOT NULL,
    stamps   json NOT NULL,
    PRIMARY KEY (project, kind, id)
) WITH (fillfactor = 85);

-- What is gone is in no index but the key: queries ask for `NOT gone` and find it answered.
CREATE INDEX thing_by_name ON thing (project, kind, name)
    WHERE name IS NOT NULL AND NOT gone;
CREATE INDEX thing_by_voucher ON thing (project, kind, voucher, created)
    WHERE voucher IS NOT NULL AND NOT gone;
CREATE INDEX thing_by_campaign ON thing (project, kind, campaign, created)
    WHERE campaign IS NOT NULL AND NOT gone;
CREATE INDEX thing_by_customer ON thing (project, kind, customer, created)
    WHERE customer IS NOT NULL AND NOT gone;
CREATE INDEX thing_by_created ON thing (project, kind, created) WHERE NOT gone;

-- The offset of the next record wanted from each partition of the log.
CREATE TABLE position (
    partition text COLLATE "C" NOT NULL,
    number    integer NOT NULL,
    next      bigint NOT NULL,
    PRIMARY KEY (partition, number)
) WITH (fillfactor = 50);

-- The moment (in ms) up to which the state is complete.
CREATE TABLE as_of (
    one    integer PRIMARY KEY CHECK (one = 1),
    moment bigint NOT NULL
) WITH (fillfactor = 50);

-- Events that could not be applied; published to the dead-letter topic after the commit.
CREATE TABLE dead_letter (
    partition   text COLLATE "C" NOT NULL,
    number      integer NOT NULL,
    position    bigint NOT NULL,
    topic       text NOT NULL,
    reason      text COLLATE "C" NOT NULL,
    key         bytea NOT NULL,
    value       bytea NOT NULL,
    headers     bytea NOT NULL,
    recorded_at bigint NOT NULL,
    project     text COLLATE "C",
    about       bytea NOT NULL,
    published   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (partition, number, position)
);

CREATE INDEX dead_letter_unpublished ON dead_letter (partition, number, position) WHERE NOT published;

-- The things that an answer must call incomplete while the letter is kept.
CREATE TABLE dead_letter_about (
    project   text COLLATE "C" NOT NULL,
    thing     text COLLATE "C" NOT NULL,
    partition text COLLATE "C" NOT NULL,
    number    integer NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (project, thing, partition, number, position),
    FOREIGN KEY (partition, number, position) REFERENCES dead_letter ON DELETE CASCADE
);

CREATE INDEX dead_letter_about_letter ON dead_letter_about (partition, number, position);
