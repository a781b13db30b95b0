-- The ledgers that were touched and have not been looked through since, and from when on. Rows come
-- and go all the time.
CREATE TABLE ledger_check (
    project text COLLATE "C" NOT NULL,
    voucher text COLLATE "C" NOT NULL,
    since   bigint NOT NULL,
    PRIMARY KEY (project, voucher)
) WITH (fillfactor = 70);

-- Holes in ledgers: entries are missing after one entry and before another ('' where there is none).
-- They come to so many points, a JSON number.
CREATE TABLE ledger_gap (
    project      text COLLATE "C" NOT NULL,
    voucher      text COLLATE "C" NOT NULL,
    after_entry  text COLLATE "C" NOT NULL,
    before_entry text COLLATE "C" NOT NULL,
    since        bigint NOT NULL,
    until        bigint NOT NULL,
    points       text NOT NULL,
    seen_at      bigint NOT NULL
);

CREATE INDEX ledger_gap_by_card ON ledger_gap (project, voucher);
CREATE INDEX ledger_gap_by_seen_at ON ledger_gap (seen_at);

-- What is held already is looked through once.
INSERT INTO ledger_check (project, voucher, since)
SELECT DISTINCT project, voucher, -4611686018427387904
FROM thing WHERE kind = 'transaction' AND NOT gone AND voucher IS NOT NULL;
