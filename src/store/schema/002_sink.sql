-- The sink's position in each partition, and the records that it could not store.

CREATE TABLE sink_offset (
  consumer_group  text         NOT NULL,
  topic           text         NOT NULL,
  partition       integer      NOT NULL,
  next_offset     bigint       NOT NULL CHECK (next_offset >= 0),
  -- Replaced by each consumer that the partition is assigned to. A consumer with an older claim cannot write.
  claim           text         NOT NULL,
  moved_at        timestamptz  NOT NULL DEFAULT clock_timestamp(),
  -- The id of the topic that the offset belongs to, if the broker reports ids. A topic that was deleted and created
  -- again has another id.
  topic_id        text,
  PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 50);

-- Identifies each record or payment that could not be stored, and the reason. Never contains its content.
CREATE TABLE sink_dead_letter (
  consumer_group  text         NOT NULL,
  topic           text         NOT NULL,
  partition       integer      NOT NULL,
  source_offset   bigint       NOT NULL,
  customer_id     bigint,      -- from the record's key, if it could be read
  reason          text         NOT NULL,
  sql_state       text         NOT NULL,
  value_bytes     integer,
  event_at        timestamptz  NOT NULL,
  written_at      timestamptz  NOT NULL DEFAULT clock_timestamp(),
  place           integer      NOT NULL, -- of the payment in its record, from 1; 0 for the whole record
  payment_digest  text,        -- SHA-256; null for a whole record
  PRIMARY KEY (consumer_group, topic, partition, source_offset, place)
);
-- A bad payment comes again in every later record of its customer, until five newer payments push it out.
CREATE UNIQUE INDEX sink_dead_letter_payment ON sink_dead_letter (consumer_group, topic, customer_id, payment_digest)
  WHERE payment_digest IS NOT NULL;
