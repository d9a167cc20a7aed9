#!/usr/bin/env bash
# The drill: takes one ksqlDB server away and counts how long pull queries go unanswered, and until both are ready.
#   scripts/ops/lose-ksqldb-server.sh staging [seconds to look]
set -euo pipefail
overlay=${1:?staging or production}
look=${2:-180}
cd "$(dirname "$0")/../.."
namespace=$(sed -n 's/^namespace: //p' "deploy/overlays/$overlay/kustomization.yaml")
k() { kubectl -n "$namespace" "$@"; }
k get pods -l app.kubernetes.io/name=ksqldb
k delete pod ksqldb-1 --wait=false
failed=0
for ((second = 0; second < look; second++)); do
  k exec ksqldb-0 -- curl --silent --fail --max-time 1 http://localhost:8089/healthcheck >/dev/null || failed=$((failed + 1))
  if k get pod ksqldb-1 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True && [ "$second" -gt 5 ]; then
    echo "both servers ready after ${second} s; ${failed} s without an answer of the other"
    exit
  fi
  sleep 1
done
echo "not ready after ${look} s" >&2
exit 1
