#!/usr/bin/env bash
# Drill: deletes one ksqlDB server, counts the seconds in which the other one answers no pull query, and measures how
# long it takes until both are ready again.
#   KSQLDB_USER=ops KSQLDB_PASSWORD_FILE=ops.txt scripts/ops/lose-ksqldb-server.sh staging [customer] [timeout in s]
set -euo pipefail
overlay=${1:?staging or production}
customer=${2:-1}
timeout=${3:-180}
: "${KSQLDB_USER:?the ksqlDB user name}" "${KSQLDB_PASSWORD_FILE:?the file with its password}"
cd "$(dirname "$0")/../.."
namespace=$(sed -n 's/^namespace: //p' "deploy/overlays/$overlay/kustomization.yaml")
k() { kubectl -n "$namespace" "$@"; }
# Queries from inside the surviving server. The credentials go through stdin, because arguments show up in `ps`.
pull() {
  printf 'user = "%s:%s"\n' "$KSQLDB_USER" "$(cat "$KSQLDB_PASSWORD_FILE")" |
    k exec -i ksqldb-0 -- curl --config - --silent --fail --insecure --max-time 1 \
      --header 'Content-Type: application/vnd.ksql.v1+json' \
      --data "{\"ksql\":\"SELECT * FROM PAYMENT_TRX_AGGR WHERE CUSTOMER_ID = $customer;\",\"streamsProperties\":{}}" \
      https://localhost:8088/query >/dev/null
}
ready() {
  k get pod ksqldb-1 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True
}
k get pods -l app.kubernetes.io/name=ksqldb
if ! pull; then
  echo 'ksqldb-0 does not answer pull queries even before the drill. Fix that first.' >&2
  exit 1
fi
k delete pod ksqldb-1 --wait=false
failed=0
for ((second = 0; second < timeout; second++)); do
  pull || failed=$((failed + 1))
  # A terminating pod may still report that it is ready for a few seconds.
  if [ "$second" -gt 5 ] && ready; then
    echo "both servers ready after ${second} s; ${failed} s without an answer from the other one"
    exit
  fi
  sleep 1
done
echo "not ready after ${timeout} s" >&2
exit 1
