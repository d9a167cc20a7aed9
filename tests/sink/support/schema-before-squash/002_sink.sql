-- The sink's books: how far each partition is in the store, and what could not be stored.

CREATE TABLE sink_offset (
  consumer_group  text         NOT NULL,
  topic           text         NOT NULL,
  partition       integer      NOT NULL,
  next_offset     bigint       NOT NULL CHECK (next_offset >= 0),
  -- Set anew by each consumer that is given the partition; one that still holds an older claim cannot write.
  claim           text         NOT NULL,
  moved_at        timestamptz  NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 50);

-- Where a record is that could not be stored, and why. Never what it held.
CREATE TABLE sink_dead_letter (
  consumer_group  text         NOT NULL,
  topic           text         NOT NULL,
  partition       integer      NOT NULL,
  source_offset   bigint       NOT NULL,
  customer_id     bigint,      -- from the record's key, if it has one
  reason          text         NOT NULL,
  sql_state       text         NOT NULL,
  value_bytes     integer,
  event_at        timestamptz  NOT NULL,
  written_at      timestamptz  NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer_group, topic, partition, source_offset)
);
