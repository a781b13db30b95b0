-- name: move_positions
WITH told AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[])
        AS told (partition, number, before, after)
),
held AS MATERIALIZED (
    SELECT p.partition, p.number, told.after
    FROM told JOIN position AS p USING (partition, number)
    WHERE p.next = told.before
    ORDER BY p.partition, p.number
    FOR UPDATE OF p
),
moved AS (
    UPDATE position AS p SET next = held.after
    FROM held
    WHERE p.partition = held.partition AND p.number = held.number
    RETURNING p.partition, p.number
),
begun AS (
    INSERT INTO position (partition, number, next)
    SELECT partition, number, after FROM told
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
WITH held AS MATERIALIZED (
    SELECT told.*
    FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[],
        $8::text[], $9::bigint[], $10::bigint[], $11::json[], $12::json[], $13::text[]
    ) AS told (
        project, kind, id, gone, name, voucher, campaign, customer, created, updated, fields, stamps,
        seen
    )
    JOIN thing AS t USING (project, kind, id)
    WHERE t.xmin::text = told.seen
    ORDER BY t.project, t.kind, t.id
    FOR UPDATE OF t
)
UPDATE thing AS t
SET gone = held.gone, name = held.name, voucher = held.voucher, campaign = held.campaign,
    customer = held.customer, created = held.created, updated = held.updated, fields = held.fields,
    stamps = held.stamps
FROM held
WHERE t.project = held.project AND t.kind = held.kind AND t.id = held.id;

-- name: insert_things
INSERT INTO thing
    (project, kind, id, gone, name, voucher, campaign, customer, created, updated, fields, stamps)
SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::bigint[], $10::bigint[], $11::json[], $12::json[]
)
ON CONFLICT DO NOTHING;

-- name: positions
SELECT partition, number, next FROM position;

-- name: now
SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint;

-- name: standing
SELECT (SELECT moment FROM as_of),
       floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,
       EXISTS (SELECT 1 FROM dead_letter);

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

-- name: kept_things
SELECT t.project, t.kind, t.id, t.gone, t.name, t.voucher, t.campaign, t.customer, t.created, t.updated,
       t.fields, t.stamps
FROM thing AS t
WHERE (t.project, t.kind, t.id) > ($1, $2, $3)
ORDER BY t.project, t.kind, t.id
LIMIT $4;
