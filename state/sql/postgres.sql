-- name: move_positions
WITH told AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::bytea[])
        AS told (partition, number, before, after, mark)
),
held AS MATERIALIZED (
    SELECT p.partition, p.number, told.after, told.mark
    FROM told JOIN position AS p USING (partition, number)
    WHERE p.next = told.before
    ORDER BY p.partition, p.number
    FOR UPDATE OF p
),
moved AS (
    UPDATE position AS p SET next = held.after, mark = held.mark
    FROM held
    WHERE p.partition = held.partition AND p.number = held.number
    RETURNING p.partition, p.number
),
begun AS (
    INSERT INTO position (partition, number, next, mark)
    SELECT partition, number, after, mark FROM told
    WHERE before = 0 AND (partition, number) NOT IN (SELECT partition, number FROM held)
    ORDER BY partition, number
    ON CONFLICT DO NOTHING
    RETURNING partition, number
)
SELECT partition, number FROM moved UNION ALL SELECT partition, number FROM begun;

-- name: load_things
SELECT t.project, t.kind, t.id, t.xmin::text, t.gone, t.name, t.voucher, t.campaign, t.customer,
       t.created, t.updated, t.fields, t.stamps
FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (project, kind, id)
JOIN thing AS t USING (project, kind, id);

-- name: lock_things
SELECT t.project, t.kind, t.id, t.xmin::text, t.gone, t.name, t.voucher, t.campaign, t.customer,
       t.created, t.updated, t.fields, t.stamps
FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (project, kind, id)
JOIN thing AS t USING (project, kind, id)
ORDER BY t.project, t.kind, t.id
FOR UPDATE OF t;

-- name: update_things
UPDATE thing AS t
SET gone = told.gone, name = told.name, voucher = told.voucher, campaign = told.campaign,
    customer = told.customer, created = told.created, updated = told.updated, fields = told.fields,
    stamps = told.stamps
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::bigint[], $10::bigint[], $11::json[], $12::json[], $13::text[]
) AS told (
    project, kind, id, gone, name, voucher, campaign, customer, created, updated, fields, stamps, seen
)
WHERE t.project = told.project AND t.kind = told.kind AND t.id = told.id
    AND t.xmin = told.seen::xid;

-- name: update_fields
UPDATE thing AS t SET updated = told.updated, fields = told.fields, stamps = told.stamps
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::bigint[], $5::json[], $6::json[], $7::text[]
) AS told (project, kind, id, updated, fields, stamps, seen)
WHERE t.project = told.project AND t.kind = told.kind AND t.id = told.id
    AND t.xmin = told.seen::xid;

-- name: hold_people
SELECT CASE
    WHEN told.alone THEN pg_advisory_xact_lock($1, told.lane)
    ELSE pg_advisory_xact_lock_shared($1, told.lane)
END
FROM unnest($2::integer[], $3::boolean[]) AS told (lane, alone);

-- name: erase_personal
WITH deleted AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[]) AS deleted (project, customer)
),
belongs AS MATERIALIZED (
    SELECT t.project, t.kind, t.id
    FROM deleted
    CROSS JOIN unnest($3::text[]) AS personal (kind)
    JOIN thing AS t ON t.project = deleted.project AND t.kind = personal.kind
        AND t.customer = deleted.customer AND NOT t.gone
    UNION
    SELECT a.project, a.kind, a.id FROM deleted JOIN also_of AS a USING (project, customer)
),
held AS MATERIALIZED (
    SELECT t.project, t.kind, t.id
    FROM belongs JOIN thing AS t USING (project, kind, id)
    WHERE NOT t.gone
    ORDER BY t.project, t.kind, t.id
    FOR UPDATE OF t
)
UPDATE thing AS t
SET gone = true, name = NULL, voucher = NULL, campaign = NULL, customer = NULL, created = 0, updated = NULL,
    fields = '{}', stamps = '[]'
FROM held
WHERE t.project = held.project AND t.kind = held.kind AND t.id = held.id;

-- name: insert_also_of
INSERT INTO also_of (project, customer, kind, id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
ON CONFLICT DO NOTHING;

-- name: forget_also_of
DELETE FROM also_of
WHERE (project, customer) IN (SELECT * FROM unnest($1::text[], $2::text[]));

-- name: gone_customers
SELECT t.project, t.id
FROM unnest($1::text[], $2::text[]) AS asked (project, id)
JOIN thing AS t ON t.project = asked.project AND t.kind = 'customer' AND t.id = asked.id
WHERE t.gone;

-- name: letters_about
SELECT d.partition, d.number, d.position, d.topic, d.reason, d.key, d.value, d.headers, d.recorded_at,
       d.project, d.about
FROM dead_letter AS d
WHERE (d.partition, d.number, d.position) IN (
    SELECT a.partition, a.number, a.position FROM dead_letter_about AS a
    WHERE a.project = ANY($1::text[]) AND a.thing = $2
)
ORDER BY d.partition, d.number, d.position
FOR UPDATE OF d;

-- name: replace_dead_letter
UPDATE dead_letter SET key = $4, value = $5, headers = $6, about = $7
WHERE partition = $1 AND number = $2 AND position = $3;

-- name: forget_about
DELETE FROM dead_letter_about WHERE partition = $1 AND number = $2 AND position = $3;

-- name: positions
SELECT partition, number, next FROM position;

-- name: marks
SELECT partition, number, next, mark FROM position WHERE mark IS NOT NULL;

-- name: now
SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint;

-- name: standing
WITH RECURSIVE known (project) AS (
    SELECT min(project) FROM thing
    UNION ALL
    SELECT (SELECT min(t.project) FROM thing AS t WHERE t.project > known.project)
    FROM known WHERE known.project IS NOT NULL
)
SELECT (SELECT moment FROM as_of),
       floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,
       EXISTS (SELECT 1 FROM dead_letter),
       EXISTS (
           SELECT 1 FROM ledger_gap
           WHERE seen_at <= (
               SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1::bigint
           )
       ),
       (SELECT coalesce(json_agg(project), '[]')::text FROM known WHERE project IS NOT NULL);

-- name: advance_as_of
INSERT INTO as_of (one, moment) VALUES (1, $1)
ON CONFLICT (one) DO UPDATE SET moment = excluded.moment
WHERE as_of.moment < excluded.moment
    OR as_of.moment > extract(epoch FROM clock_timestamp()) * 1000;

-- name: insert_dead_letter
INSERT INTO dead_letter
    (partition, number, position, topic, reason, key, value, headers, recorded_at, project, about)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (partition, number, position) DO UPDATE SET reason = excluded.reason;

-- name: insert_about
INSERT INTO dead_letter_about (project, thing, partition, number, position)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING;

-- name: delete_dead_letters
DELETE FROM dead_letter
WHERE (partition, number, position) IN (
    SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[])
);

-- name: change_reasons
UPDATE dead_letter AS letter SET reason = told.reason
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::text[])
    AS told (partition, number, position, reason)
WHERE letter.partition = told.partition AND letter.number = told.number
    AND letter.position = told.position;

-- name: dead_letters
SELECT partition, number, position, topic, reason, key, value, headers, recorded_at, project, about
FROM dead_letter
WHERE ($1::text[] IS NULL OR (partition, number, position) IN (
        SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[])
    ))
    AND ($4::text IS NULL OR starts_with(reason, $4::text))
    AND ($5::text IS NULL OR (partition, number, position) > ($5::text, $6::integer, $7::bigint))
ORDER BY partition, number, position
LIMIT $8;

-- name: count_dead_letters
SELECT reason, count(*) FROM dead_letter
WHERE $1::text IS NULL OR starts_with(reason, $1::text)
GROUP BY reason;

-- name: unpublished_dead_letters
SELECT partition, number, position, topic, reason, key, value, headers, recorded_at, project, about
FROM dead_letter WHERE NOT published
ORDER BY partition, number, position
LIMIT $1;

-- name: mark_published
UPDATE dead_letter SET published = true
WHERE (partition, number, position) IN (
    SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[])
);

-- name: incomplete
SELECT EXISTS (
    SELECT 1 FROM dead_letter_about
    WHERE project IN ($1::text, '') AND thing = ANY($2::text[])
), EXISTS (
    SELECT 1 FROM ledger_gap
    WHERE project = $3::text AND voucher = ANY($4::text[])
        AND seen_at <= extract(epoch FROM clock_timestamp()) * 1000 - $5::bigint
);

-- name: with_newest_entries
WITH page AS MATERIALIZED ({page})
SELECT page.project, page.id, page.fields, page.stamps, (
    SELECT coalesce(json_agg(json_build_array(e.id, e.created, e.fields::text)), '[]')
    FROM thing AS e
    WHERE e.project = page.project AND e.kind = 'transaction' AND NOT e.gone AND e.voucher = page.id
        AND e.created = (
            SELECT max(n.created) FROM thing AS n
            WHERE n.project = page.project AND n.kind = 'transaction' AND NOT n.gone
                AND n.voucher = page.id
        )
)
FROM page;

-- name: tallied
SELECT coalesce(sum(t.things), 0)::bigint
FROM tally AS t
WHERE t.project = $1 AND t.kind = $2 AND ($3::text IS NULL OR t.campaign = $3)
    AND (NOT $4::boolean OR t.campaign NOT IN (
        SELECT c.id FROM thing AS c WHERE c.project = $1 AND c.kind = 'campaign' AND c.gone
    ));

-- name: entries_down
SELECT t.id, t.created, t.fields
FROM thing AS t
WHERE t.project = $1 AND t.kind = 'transaction' AND NOT t.gone AND t.voucher = $2
    AND t.created <= $3
ORDER BY t.created DESC
LIMIT $4;

-- name: entries_up
SELECT t.id, t.created, t.fields
FROM thing AS t
WHERE t.project = $1 AND t.kind = 'transaction' AND NOT t.gone AND t.voucher = $2
    AND t.created >= $3
ORDER BY t.created
LIMIT $4;

-- name: lone_entry_before
SELECT t.created FROM thing AS t
WHERE t.project = $1 AND t.kind = 'transaction' AND NOT t.gone AND t.voucher = $2 AND t.created < $3
GROUP BY t.created
HAVING count(*) = 1
ORDER BY t.created DESC
LIMIT 1;

-- name: card_fields
SELECT t.fields FROM thing AS t
WHERE t.project = $1 AND t.kind = 'voucher' AND NOT t.gone AND t.id = $2;

-- name: entry_moment
SELECT t.created FROM thing AS t
WHERE t.project = $1 AND t.kind = 'transaction' AND NOT t.gone AND t.voucher = $2 AND t.id = $3;

-- name: projects
WITH RECURSIVE known (project) AS (
    SELECT min(project) FROM thing
    UNION ALL
    SELECT (SELECT min(t.project) FROM thing AS t WHERE t.project > known.project)
    FROM known WHERE known.project IS NOT NULL
)
SELECT project FROM known WHERE project IS NOT NULL;

-- name: note_ledgers
INSERT INTO ledger_check AS c (project, voucher, since)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
ON CONFLICT (project, voucher) DO UPDATE SET since = excluded.since WHERE excluded.since < c.since;

-- name: note_campaigns
INSERT INTO ledger_check (project, voucher, since)
SELECT DISTINCT g.project, g.voucher, 0
FROM unnest($1::text[], $2::text[]) AS gone (project, campaign)
JOIN thing AS t ON t.project = gone.project AND t.kind = 'voucher' AND t.campaign = gone.campaign
    AND NOT t.gone
JOIN ledger_gap AS g ON g.project = t.project AND g.voucher = t.id
ORDER BY g.project, g.voucher
ON CONFLICT DO NOTHING;

-- name: take_noted
WITH taken AS MATERIALIZED (
    SELECT project, voucher FROM ledger_check
    WHERE (project, voucher) > ($1::text, $2::text)
    ORDER BY project, voucher
    LIMIT $3
    FOR UPDATE SKIP LOCKED
)
DELETE FROM ledger_check AS c
USING taken
WHERE c.project = taken.project AND c.voucher = taken.voucher
RETURNING c.project, c.voucher, c.since;

-- name: ledger_windows
WITH begun AS MATERIALIZED (
    SELECT w.project, w.voucher, (
        SELECT t.created FROM thing AS t
        WHERE t.project = w.project AND t.kind = 'transaction' AND NOT t.gone
            AND t.voucher = w.voucher AND t.created < w.since
        GROUP BY t.created
        HAVING count(*) = 1
        ORDER BY t.created DESC
        LIMIT 1
    ) AS start
    FROM unnest($1::text[], $2::text[], $3::bigint[]) AS w (project, voucher, since)
)
SELECT b.project, b.voucher, b.start, e.id, e.created, e.fields
FROM begun AS b
JOIN thing AS e
    ON e.project = b.project AND e.kind = 'transaction' AND NOT e.gone AND e.voucher = b.voucher
    AND e.created >= coalesce(b.start, -9223372036854775808);

-- name: touched_cards
SELECT t.project, t.id, t.gone OR EXISTS (
    SELECT 1 FROM thing AS c
    WHERE c.project = t.project AND c.kind = 'campaign' AND c.id = t.campaign AND c.gone
), t.fields, t.stamps
FROM unnest($1::text[], $2::text[]) AS wanted (project, voucher)
JOIN thing AS t ON t.project = wanted.project AND t.kind = 'voucher' AND t.id = wanted.voucher;

-- name: gaps_of
SELECT g.project, g.voucher, g.after_entry, g.before_entry, g.since, g.until, g.points, g.seen_at
FROM unnest($1::text[], $2::text[]) AS wanted (project, voucher)
JOIN ledger_gap AS g USING (project, voucher);

-- name: delete_gaps
DELETE FROM ledger_gap
WHERE (project, voucher, after_entry) IN (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
);

-- name: insert_gaps
INSERT INTO ledger_gap
    (project, voucher, after_entry, before_entry, since, until, points, seen_at)
SELECT project, voucher, after_entry, before_entry, since, until, points,
       coalesce(seen_at, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
    $8::bigint[]
) AS found (project, voucher, after_entry, before_entry, since, until, points, seen_at);

-- name: gaps
SELECT project, voucher, after_entry, before_entry, since, until, points, seen_at
FROM ledger_gap
WHERE seen_at <= extract(epoch FROM clock_timestamp()) * 1000 - $1::bigint
ORDER BY seen_at, project, voucher, since, after_entry
LIMIT $2;

-- name: count_gaps
SELECT count(*) FROM ledger_gap
WHERE seen_at <= extract(epoch FROM clock_timestamp()) * 1000 - $1::bigint;

-- name: kept_things
SELECT t.project, t.kind, t.id, t.gone, t.name, t.voucher, t.campaign, t.customer, t.created, t.updated,
       t.fields, t.stamps
FROM thing AS t
WHERE (t.project, t.kind, t.id) > ($1, $2, $3)
ORDER BY t.project, t.kind, t.id
LIMIT $4;

-- name: kept_gaps
SELECT project, voucher, after_entry, before_entry, since, until, points FROM ledger_gap
UNION ALL
SELECT project, voucher, '', NULL, NULL, NULL, NULL FROM ledger_check;

-- name: kept_letters
SELECT partition, number, position, project, reason FROM dead_letter;

-- name: kept_also_of
SELECT project, customer, kind, id FROM also_of ORDER BY project, customer, kind, id;
