-- When a dead letter was recorded, and of what it would have told. What an older letter is about is
-- not known; it keeps its place and bytes, which are all that redriving needs.
ALTER TABLE dead_letter ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letter ADD COLUMN project TEXT;
ALTER TABLE dead_letter ADD COLUMN about BLOB NOT NULL DEFAULT x'5b5d';
ALTER TABLE dead_letter DROP COLUMN event_id;

UPDATE dead_letter SET recorded_at = CAST(1000 * strftime('%s', 'now') AS INTEGER);

-- The things that an answer must call incomplete while the letter is kept.
CREATE TABLE dead_letter_about (
    project   TEXT NOT NULL,
    thing     TEXT NOT NULL,
    partition TEXT NOT NULL,
    number    INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    PRIMARY KEY (project, thing, partition, number, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX dead_letter_about_letter ON dead_letter_about (partition, number, position);

CREATE TRIGGER dead_letter_gone AFTER DELETE ON dead_letter
BEGIN
    DELETE FROM dead_letter_about
    WHERE partition = OLD.partition AND number = OLD.number AND position = OLD.position;
END;

CREATE INDEX dead_letter_unpublished ON dead_letter (partition, number, position) WHERE published = 0;
