#!/usr/bin/env bash
# Loads a backup made by backup-store.sh into an empty database.
#   STORE_URL=postgres://... scripts/ops/restore-store.sh FILE
# The sinks continue from the offsets in the backup and read everything after it from Kafka. If Kafka no longer has
# those offsets, they exit with SINK_OFFSET_GONE. Run rebuild-store.sql in that case.
set -euo pipefail
: "${STORE_URL:?postgres://...}"
pg_restore --exit-on-error --single-transaction --no-owner --no-acl --dbname="$STORE_URL" "${1:?the file to read}"
