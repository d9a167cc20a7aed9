-- Makes the sinks write all of PAYMENT-TRX-AGGR to the store again. Run it as the owner of the tables:
--   psql "$STORE_URL" -v ON_ERROR_STOP=1 -f scripts/ops/rebuild-store.sql
-- The merge is idempotent: correct rows do not change, and reads continue in the meantime. Running sinks notice that
-- the rows for their partitions are missing, and start over by themselves.
-- This deletes no payments. Payments older than the topic's retention therefore stay in the store.
BEGIN;
DELETE FROM sink_offset;
COMMIT;
