#!/usr/bin/env bash
# Copies the payments and offsets of the store in one consistent snapshot.
#   STORE_URL=postgres://... scripts/ops/backup-store.sh FILE
set -euo pipefail
: "${STORE_URL:?postgres://...}"
pg_dump --format=custom --no-owner --no-acl --file="${1:?the file to write}" "$STORE_URL"
