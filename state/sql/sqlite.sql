-- name: load_things
SELECT t.kind, t.id, t.project, t.gone, t.name, t.voucher, t.campaign, t.customer, t.created, t.updated,
       t.fields, t.stamps
FROM json_each(?) AS wanted
CROSS JOIN thing AS t
    ON t.project = json_extract(wanted.value, '$[0]')
    AND t.kind = json_extract(wanted.value, '$[1]')
    AND t.id = json_extract(wanted.value, '$[2]');

-- name: insert_thing
INSERT INTO thing
    (project, kind, id, gone, name, voucher, campaign, customer, created, updated, fields, stamps)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: update_thing
UPDATE thing
SET gone = ?, name = ?, voucher = ?, campaign = ?, customer = ?, created = ?, updated = ?,
    fields = ?, stamps = ?
WHERE project = ? AND kind = ? AND id = ?;

-- name: update_fields
UPDATE thing SET updated = ?, fields = ?, stamps = ?
WHERE project = ? AND kind = ? AND id = ?;

-- name: positions
SELECT partition, number, next FROM position;

-- name: move_position
UPDATE position SET next = :after
WHERE partition = :partition AND number = :number AND next = :before;

-- name: first_position
INSERT INTO position (partition, number, next) VALUES (:partition, :number, :after)
ON CONFLICT DO NOTHING;

-- name: as_of
SELECT moment FROM as_of;

-- name: advance_as_of
INSERT INTO as_of (one, moment) VALUES (1, ?)
ON CONFLICT (one) DO UPDATE SET moment = max(moment, excluded.moment);

-- name: insert_dead_letter
INSERT INTO dead_letter
    (partition, number, position, topic, event_id, reason, key, value, headers)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING;

-- name: unpublished_dead_letters
SELECT partition, number, position, topic, reason, key, value, headers
FROM dead_letter WHERE published = 0
ORDER BY partition, number, position
LIMIT ?;

-- name: mark_published
UPDATE dead_letter SET published = 1 WHERE partition = ? AND number = ? AND position = ?;

-- name: newest_entries
SELECT t.voucher, t.id, t.created, t.fields
FROM json_each(?) AS card
CROSS JOIN thing AS t
    ON t.project = ? AND t.kind = 'transaction' AND t.gone = 0 AND t.voucher = card.value
    AND t.created = (
        SELECT max(e.created) FROM thing AS e
        WHERE e.project = t.project AND e.kind = 'transaction' AND e.gone = 0 AND e.voucher = card.value
    );

-- name: entries_down
SELECT t.id, t.created, t.fields
FROM thing AS t
WHERE t.project = :project AND t.kind = 'transaction' AND t.gone = 0 AND t.voucher = :voucher
    AND t.created <= :from
ORDER BY t.created DESC
LIMIT :limit;

-- name: entries_up
SELECT t.id, t.created, t.fields
FROM thing AS t
WHERE t.project = :project AND t.kind = 'transaction' AND t.gone = 0 AND t.voucher = :voucher
    AND t.created >= :from
ORDER BY t.created
LIMIT :limit;

-- name: lone_entry_before
SELECT t.created FROM thing AS t
WHERE t.project = ? AND t.kind = 'transaction' AND t.gone = 0 AND t.voucher = ? AND t.created < ?
GROUP BY t.created
HAVING count(*) = 1
ORDER BY t.created DESC
LIMIT 1;

-- name: entry_moment
SELECT t.created FROM thing AS t
WHERE t.project = ? AND t.kind = 'transaction' AND t.gone = 0 AND t.id = ? AND t.voucher = ?;

-- name: projects
WITH RECURSIVE known (project) AS (
    SELECT min(project) FROM thing
    UNION ALL
    SELECT (SELECT min(t.project) FROM thing AS t WHERE t.project > known.project)
    FROM known WHERE known.project IS NOT NULL
)
SELECT project FROM known WHERE project IS NOT NULL;
