-- Has the sinks write everything that PAYMENT-TRX-AGGR holds once more. Run by the tables' owner:
--   psql "$STORE_URL" -v ON_ERROR_STOP=1 -f scripts/ops/rebuild-store.sql
-- The merge is idempotent: rows that are right stay as they are, and reads are answered all the while. The sinks that
-- run are fenced by their partitions' missing rows and begin anew by themselves.
-- Payments older than the topic's retention are in no topic any more; they stay, since nothing is emptied.
BEGIN;
DELETE FROM sink_offset;
COMMIT;
