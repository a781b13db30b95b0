-- A mark of the record before each position, by which the log is known again. None where a position was moved
-- by hand, or before there were any.
ALTER TABLE position ADD COLUMN mark bytea;
