#!/usr/bin/env bash
# The drill: takes one ksqlDB server away and counts the seconds in which the other one answers no pull query, and until
# both are ready again.
#   KSQLDB_USER=ops KSQLDB_PASSWORD_FILE=ops.txt scripts/ops/lose-ksqldb-server.sh staging [customer] [seconds to look]
set -euo pipefail
overlay=${1:?staging or production}
customer=${2:-1}
look=${3:-180}
: "${KSQLDB_USER:?a login of ksqlDB}" "${KSQLDB_PASSWORD_FILE:?the file with its password}"
cd "$(dirname "$0")/../.."
namespace=$(sed -n 's/^namespace: //p' "deploy/overlays/$overlay/kustomization.yaml")
k() { kubectl -n "$namespace" "$@"; }
# From inside the server that stays. The login goes by standard input: arguments can be seen.
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
  echo 'ksqldb-0 answers no pull query before the drill: it would prove nothing' >&2
  exit 1
fi
k delete pod ksqldb-1 --wait=false
failed=0
for ((second = 0; second < look; second++)); do
  pull || failed=$((failed + 1))
  # The pod that is on its way out may call itself ready for a while.
  if [ "$second" -gt 5 ] && ready; then
    echo "both servers ready after ${second} s; ${failed} s without an answer of the other"
    exit
  fi
  sleep 1
done
echo "not ready after ${look} s" >&2
exit 1
