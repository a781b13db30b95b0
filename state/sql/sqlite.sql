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

-- name: standing
SELECT (SELECT moment FROM as_of), now_ms(), EXISTS (SELECT 1 FROM dead_letter);

-- name: advance_as_of
INSERT INTO as_of (one, moment) VALUES (1, ?)
ON CONFLICT (one) DO UPDATE SET moment = excluded.moment
WHERE moment < excluded.moment OR moment > now_ms();

-- name: insert_dead_letter
INSERT INTO dead_letter
    (partition, number, position, topic, reason, key, value, headers, recorded_at, project, about)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET reason = excluded.reason;

-- name: insert_about
INSERT INTO dead_letter_about (project, thing, partition, number, position)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING;

-- name: delete_dead_letter
DELETE FROM dead_letter WHERE partition = ? AND number = ? AND position = ?;

-- name: dead_letters
SELECT partition, number, position, topic, reason, key, value, headers, recorded_at, project, about
FROM dead_letter
WHERE (:places IS NULL OR (partition, number, position) IN (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
        FROM json_each(:places)
    ))
    AND (:reason IS NULL OR substr(reason, 1, length(:reason)) = :reason)
    AND (:name IS NULL OR (partition, number, position) > (:name, :number, :offset))
ORDER BY partition, number, position
LIMIT :limit;

-- name: count_dead_letters
SELECT reason, count(*) FROM dead_letter
WHERE :reason IS NULL OR substr(reason, 1, length(:reason)) = :reason
GROUP BY reason;

-- name: unpublished_dead_letters
SELECT partition, number, position, topic, reason, key, value, headers, recorded_at, project, about
FROM dead_letter WHERE published = 0
ORDER BY partition, number, position
LIMIT ?;

-- name: mark_published
UPDATE dead_letter SET published = 1 WHERE partition = ? AND number = ? AND position = ?;

-- name: incomplete
SELECT EXISTS (
    SELECT 1 FROM dead_letter_about
    WHERE project IN (?1, '') AND thing IN (SELECT value FROM json_each(?2))
);

-- name: with_newest_entries
WITH page AS MATERIALIZED ({page})
SELECT page.project, page.id, page.fields, page.stamps, (
    SELECT json_group_array(json_array(e.id, e.created, CAST(e.fields AS TEXT)))
    FROM thing AS e
    WHERE e.project = page.project AND e.kind = 'transaction' AND e.gone = 0 AND e.voucher = page.id
        AND e.created = (
            SELECT max(n.created) FROM thing AS n
            WHERE n.project = page.project AND n.kind = 'transaction' AND n.gone = 0
                AND n.voucher = page.id
        )
)
FROM page;

-- name: entries_down
SELECT t.id, t.created, t.fields
FROM thing AS t
WHERE t.project = ?1 AND t.kind = 'transaction' AND t.gone = 0 AND t.voucher = ?2
    AND t.created <= ?3
ORDER BY t.created DESC
LIMIT ?4;

-- name: entries_up
SELECT t.id, t.created, t.fields
FROM thing AS t
WHERE t.project = ?1 AND t.kind = 'transaction' AND t.gone = 0 AND t.voucher = ?2
    AND t.created >= ?3
ORDER BY t.created
LIMIT ?4;

-- name: lone_entry_before
SELECT t.created FROM thing AS t
WHERE t.project = ?1 AND t.kind = 'transaction' AND t.gone = 0 AND t.voucher = ?2 AND t.created < ?3
GROUP BY t.created
HAVING count(*) = 1
ORDER BY t.created DESC
LIMIT 1;

-- name: entry_moment
SELECT t.created FROM thing AS t
WHERE t.project = ?1 AND t.kind = 'transaction' AND t.gone = 0 AND t.voucher = ?2 AND t.id = ?3;

-- name: projects
WITH RECURSIVE known (project) AS (
    SELECT min(project) FROM thing
    UNION ALL
    SELECT (SELECT min(t.project) FROM thing AS t WHERE t.project > known.project)
    FROM known WHERE known.project IS NOT NULL
)
SELECT project FROM known WHERE project IS NOT NULL;

-- name: kept_things
SELECT t.project, t.kind, t.id, t.gone, t.name, t.voucher, t.campaign, t.customer, t.created, t.updated,
       t.fields, t.stamps
FROM thing AS t
WHERE (t.project, t.kind, t.id) > (?, ?, ?)
ORDER BY t.project, t.kind, t.id
LIMIT ?;
