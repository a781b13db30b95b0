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

-- name: erase_personal
UPDATE thing
SET gone = 1, name = NULL, voucher = NULL, campaign = NULL, customer = NULL, created = 0, updated = NULL,
    fields = x'7b7d', stamps = x'5b5d'
WHERE project = :project AND gone = 0 AND customer = :customer
    AND kind IN (SELECT value FROM json_each(:kinds));

-- name: erase_also_of
UPDATE thing
SET gone = 1, name = NULL, voucher = NULL, campaign = NULL, customer = NULL, created = 0, updated = NULL,
    fields = x'7b7d', stamps = x'5b5d'
WHERE gone = 0 AND (project, kind, id) IN (
    SELECT a.project, a.kind, a.id FROM also_of AS a
    WHERE a.project = :project AND a.customer = :customer
);

-- name: insert_also_of
INSERT INTO also_of (project, customer, kind, id) VALUES (?, ?, ?, ?)
ON CONFLICT DO NOTHING;

-- name: forget_also_of
DELETE FROM also_of WHERE project = :project AND customer = :customer;

-- name: gone_customers
SELECT t.project, t.id
FROM json_each(?) AS asked
CROSS JOIN thing AS t
    ON t.project = json_extract(asked.value, '$[0]')
    AND t.kind = 'customer'
    AND t.id = json_extract(asked.value, '$[1]')
WHERE t.gone = 1;

-- name: letters_about
SELECT d.partition, d.number, d.position, d.topic, d.reason, d.key, d.value, d.headers, d.recorded_at,
       d.project, d.about
FROM dead_letter AS d
WHERE (d.partition, d.number, d.position) IN (
    SELECT a.partition, a.number, a.position FROM dead_letter_about AS a
    WHERE a.project IN (SELECT value FROM json_each(?1)) AND a.thing = ?2
);

-- name: replace_dead_letter
UPDATE dead_letter SET key = ?4, value = ?5, headers = ?6, about = ?7
WHERE partition = ?1 AND number = ?2 AND position = ?3;

-- name: forget_about
DELETE FROM dead_letter_about WHERE partition = ? AND number = ? AND position = ?;

-- name: positions
SELECT partition, number, next FROM position;

-- name: marks
SELECT partition, number, next, mark FROM position WHERE mark IS NOT NULL;

-- name: move_position
UPDATE position SET next = :after, mark = :mark
WHERE partition = :partition AND number = :number AND next = :before;

-- name: first_position
INSERT INTO position (partition, number, next, mark) VALUES (:partition, :number, :after, :mark)
ON CONFLICT DO NOTHING;

-- name: standing
WITH RECURSIVE known (project) AS (
    SELECT min(project) FROM thing
    UNION ALL
    SELECT (SELECT min(t.project) FROM thing AS t WHERE t.project > known.project)
    FROM known WHERE known.project IS NOT NULL
)
SELECT (SELECT moment FROM as_of), now_ms(), EXISTS (SELECT 1 FROM dead_letter),
       EXISTS (SELECT 1 FROM ledger_gap WHERE seen_at <= now_ms() - ?),
       (SELECT json_group_array(project) FROM known WHERE project IS NOT NULL);

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

-- name: change_reason
UPDATE dead_letter SET reason = ? WHERE partition = ? AND number = ? AND position = ?;

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
), EXISTS (
    SELECT 1 FROM ledger_gap
    WHERE project = ?3 AND voucher IN (SELECT value FROM json_each(?4))
        AND seen_at <= now_ms() - ?5
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

-- name: tallied
SELECT coalesce(sum(t.things), 0)
FROM tally AS t
WHERE t.project = ?1 AND t.kind = ?2 AND (?3 IS NULL OR t.campaign = ?3)
    AND (NOT ?4 OR t.campaign NOT IN (
        SELECT c.id FROM thing AS c WHERE c.project = ?1 AND c.kind = 'campaign' AND c.gone = 1
    ));

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

-- name: card_fields
SELECT t.fields FROM thing AS t
WHERE t.project = ?1 AND t.kind = 'voucher' AND t.gone = 0 AND t.id = ?2;

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

-- name: note_ledger
INSERT INTO ledger_check (project, voucher, since) VALUES (?, ?, ?)
ON CONFLICT (project, voucher) DO UPDATE SET since = excluded.since WHERE excluded.since < since;

-- name: note_campaign
INSERT INTO ledger_check (project, voucher, since)
SELECT DISTINCT g.project, g.voucher, 0
FROM ledger_gap AS g
JOIN thing AS t ON t.project = g.project AND t.kind = 'voucher' AND t.id = g.voucher
WHERE t.project = ? AND t.campaign = ?
ON CONFLICT DO NOTHING;

-- name: take_noted
DELETE FROM ledger_check
WHERE (project, voucher) IN (
    SELECT project, voucher FROM ledger_check
    WHERE (project, voucher) > (?, ?)
    ORDER BY project, voucher
    LIMIT ?
)
RETURNING project, voucher, since;

-- name: ledger_windows
WITH wanted AS MATERIALIZED (
    SELECT json_extract(value, '$[0]') AS project, json_extract(value, '$[1]') AS voucher,
           json_extract(value, '$[2]') AS since
    FROM json_each(?)
),
begun AS MATERIALIZED (
    SELECT w.project, w.voucher, (
        SELECT t.created FROM thing AS t
        WHERE t.project = w.project AND t.kind = 'transaction' AND t.gone = 0
            AND t.voucher = w.voucher AND t.created < w.since
        GROUP BY t.created
        HAVING count(*) = 1
        ORDER BY t.created DESC
        LIMIT 1
    ) AS start
    FROM wanted AS w
)
SELECT b.project, b.voucher, b.start, e.id, e.created, e.fields
FROM begun AS b
CROSS JOIN thing AS e
    ON e.project = b.project AND e.kind = 'transaction' AND e.gone = 0 AND e.voucher = b.voucher
    AND e.created >= coalesce(b.start, -9223372036854775808);

-- name: touched_cards
SELECT t.project, t.id, t.gone OR EXISTS (
    SELECT 1 FROM thing AS c
    WHERE c.project = t.project AND c.kind = 'campaign' AND c.id = t.campaign AND c.gone = 1
), t.fields, t.stamps
FROM json_each(?) AS wanted
CROSS JOIN thing AS t
    ON t.project = json_extract(wanted.value, '$[0]') AND t.kind = 'voucher'
    AND t.id = json_extract(wanted.value, '$[1]');

-- name: gaps_of
SELECT g.project, g.voucher, g.after_entry, g.before_entry, g.since, g.until, g.points, g.seen_at
FROM json_each(?) AS wanted
CROSS JOIN ledger_gap AS g
    ON g.project = json_extract(wanted.value, '$[0]')
    AND g.voucher = json_extract(wanted.value, '$[1]');

-- name: delete_gap
DELETE FROM ledger_gap WHERE project = ? AND voucher = ? AND after_entry = ?;

-- name: insert_gap
INSERT INTO ledger_gap
    (project, voucher, after_entry, before_entry, since, until, points, seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?, coalesce(?, now_ms()));

-- name: gaps
SELECT project, voucher, after_entry, before_entry, since, until, points, seen_at
FROM ledger_gap
WHERE seen_at <= now_ms() - ?
ORDER BY seen_at, project, voucher, since, after_entry
LIMIT ?;

-- name: count_gaps
SELECT count(*) FROM ledger_gap WHERE seen_at <= now_ms() - ?;

-- name: kept_things
SELECT t.project, t.kind, t.id, t.gone, t.name, t.voucher, t.campaign, t.customer, t.created, t.updated,
       t.fields, t.stamps
FROM thing AS t
WHERE (t.project, t.kind, t.id) > (?, ?, ?)
ORDER BY t.project, t.kind, t.id
LIMIT ?;

-- name: kept_gaps
SELECT project, voucher, after_entry, before_entry, since, until, points FROM ledger_gap
UNION ALL
SELECT project, voucher, '', NULL, NULL, NULL, NULL FROM ledger_check;

-- name: kept_letters
SELECT partition, number, position, project, reason FROM dead_letter;

-- name: kept_also_of
SELECT project, customer, kind, id FROM also_of ORDER BY project, customer, kind, id;
