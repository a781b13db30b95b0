-- name: create_log
CREATE TABLE log (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation TEXT NOT NULL,   -- tells this file from one that stood here before it
    oldest INTEGER NOT NULL,    -- offset of the oldest record that is not trimmed
    next INTEGER NOT NULL,      -- offset that the next record gets; only ever grows
    checked_at INTEGER NOT NULL -- last time that somebody asked whether a write works, in ms
);

-- name: create_batch
CREATE TABLE batch (
    first INTEGER PRIMARY KEY,    -- offset of its first record; the others follow without a hole
    records INTEGER NOT NULL,
    appended_at INTEGER NOT NULL, -- ms since 1970
    body BLOB NOT NULL            -- the records, see packing.py
);

-- name: create_advance
CREATE TRIGGER advance AFTER INSERT ON batch
BEGIN
    UPDATE log SET next = next + NEW.records;
END;

-- name: begin_log
INSERT INTO log (one, generation, oldest, next, checked_at) VALUES (1, ?, 0, 0, 0);

-- name: generation
SELECT generation FROM log;

-- name: append
INSERT INTO batch (first, records, appended_at, body)
SELECT next, :records, :now, :body FROM log;

-- name: touch
UPDATE log SET checked_at = :now;

-- name: begin
SELECT oldest FROM log;

-- name: end
SELECT next FROM log;

-- name: read
SELECT log.oldest, log.next, batch.first, batch.records, batch.body
FROM log
LEFT JOIN batch
    ON batch.first >= (SELECT max(first) FROM batch WHERE first <= :position)
    AND batch.first + batch.records > :position
WHERE log.one = 1 -- lets SQLite see that there is one row, so that it need not sort
ORDER BY batch.first
LIMIT :limit;

-- name: oldest_batches
SELECT first, records, appended_at, length(body) FROM batch ORDER BY first LIMIT :limit;

-- name: drop_batches
DELETE FROM batch WHERE first < :cut;

-- name: move_oldest
UPDATE log SET oldest = max(oldest, :cut);
