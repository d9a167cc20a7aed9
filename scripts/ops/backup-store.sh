#!/usr/bin/env bash
# One consistent copy of the store, offsets and payments together: `backup-store.sh FILE`, STORE_URL in the environment.
set -euo pipefail
: "${STORE_URL:?postgres://...}"
pg_dump --format=custom --no-owner --no-acl --file="${1:?the file to write}" "$STORE_URL"
