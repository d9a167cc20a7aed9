#!/usr/bin/env bash
# Upgrades an overlay in order: settings and ksqlDB, then the migrations as a Job, then the sinks.
#   scripts/ops/rollout.sh production [context]
# Stops at the first step that fails; what ran before it stays, and the command may be run again.
set -euo pipefail
overlay=${1:?staging or production}
cd "$(dirname "$0")/../.."
kubectl=(kubectl ${2:+--context "$2"})
namespace=$(sed -n 's/^namespace: //p' "deploy/overlays/$overlay/kustomization.yaml")
rendered=$(mktemp)
trap 'rm -f "$rendered"' EXIT
kubectl kustomize "deploy/overlays/$overlay" >"$rendered"

# `kubectl wait` knows one condition at a time: a Job that failed would be waited for until the end.
job_ended() {
  local state
  for ((second = 0; second < 1860; second += 2)); do
    state=$("${kubectl[@]}" -n "$namespace" get job paystream-migrate \
      -o 'jsonpath={.status.conditions[?(@.status=="True")].type}')
    case $state in
      *Complete*) return 0 ;;
      *Failed*) return 1 ;;
    esac
    sleep 2
  done
  return 1
}

# Everything but the sinks, which want what the migrations make. A Job cannot be changed: the last one goes first.
"${kubectl[@]}" -n "$namespace" delete job paystream-migrate --ignore-not-found --wait
"${kubectl[@]}" apply -f "$rendered" -l 'app.kubernetes.io/name notin (paystream-sink, paystream-migrate)'
"${kubectl[@]}" -n "$namespace" rollout status statefulset/ksqldb --timeout=20m
"${kubectl[@]}" apply -f "$rendered" -l 'app.kubernetes.io/name=paystream-migrate'
if ! job_ended; then
  "${kubectl[@]}" -n "$namespace" logs job/paystream-migrate --tail=50 >&2 || true
  echo "The migrations failed: the sinks stay as they are. Mend what the log says, then run this again." >&2
  exit 1
fi
"${kubectl[@]}" -n "$namespace" logs job/paystream-migrate --tail=20
"${kubectl[@]}" apply -f "$rendered"
"${kubectl[@]}" -n "$namespace" rollout status deployment/paystream-sink --timeout=10m
