-- The ledgers that were touched and have not been looked through since, and from when on.
CREATE TABLE ledger_check (
    project TEXT NOT NULL,
    voucher TEXT NOT NULL,
    since   INTEGER NOT NULL,
    PRIMARY KEY (project, voucher)
) STRICT, WITHOUT ROWID;

-- Holes in ledgers: entries are missing after one entry and before another ('' where there is none).
-- They come to so many points, a JSON number.
CREATE TABLE ledger_gap (
    project      TEXT NOT NULL,
    voucher      TEXT NOT NULL,
    after_entry  TEXT NOT NULL,
    before_entry TEXT NOT NULL,
    since        INTEGER NOT NULL,
    until        INTEGER NOT NULL,
    points       TEXT NOT NULL,
    seen_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX ledger_gap_by_card ON ledger_gap (project, voucher);
CREATE INDEX ledger_gap_by_seen_at ON ledger_gap (seen_at);

-- What is held already is looked through once.
INSERT INTO ledger_check (project, voucher, since)
SELECT DISTINCT project, voucher, -4611686018427387904
FROM thing WHERE kind = 'transaction' AND gone = 0 AND voucher IS NOT NULL;
