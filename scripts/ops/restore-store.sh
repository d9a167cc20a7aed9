#!/usr/bin/env bash
# Puts a copy of backup-store.sh into an empty database: `restore-store.sh FILE`, STORE_URL in the environment.
# The sinks then go on from the offsets in the copy: what came after it is read from Kafka again. If Kafka no longer
# has those offsets they end with SINK_OFFSET_GONE, and rebuild-store.sql helps.
set -euo pipefail
: "${STORE_URL:?postgres://...}"
pg_restore --exit-on-error --single-transaction --no-owner --no-acl --dbname="$STORE_URL" "${1:?the file to read}"
