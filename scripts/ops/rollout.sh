#!/usr/bin/env bash
# Rolls out an overlay in order: settings and ksqlDB, then the migrations as a Job, then the sinks.
#   scripts/ops/rollout.sh production [context]
# Stops at the first step that fails and keeps the completed steps. It is safe to run again.
set -euo pipefail
overlay=${1:?staging or production}
cd "$(dirname "$0")/../.."
kubectl=(kubectl ${2:+--context "$2"})
namespace=$(sed -n 's/^namespace: //p' "deploy/overlays/$overlay/kustomization.yaml")
rendered=$(mktemp)
trap 'rm -f "$rendered"' EXIT
kubectl kustomize "deploy/overlays/$overlay" >"$rendered"

# `kubectl wait` accepts only one condition: waiting for Complete would not notice a Job that failed.
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

# Apply everything except the sinks, which depend on the migrations. Delete the previous Job first: Jobs are immutable.
"${kubectl[@]}" -n "$namespace" delete job paystream-migrate --ignore-not-found --wait
"${kubectl[@]}" apply -f "$rendered" -l 'app.kubernetes.io/name notin (paystream-sink, paystream-migrate)'
"${kubectl[@]}" -n "$namespace" rollout status statefulset/ksqldb --timeout=20m
"${kubectl[@]}" apply -f "$rendered" -l 'app.kubernetes.io/name=paystream-migrate'
if ! job_ended; then
  "${kubectl[@]}" -n "$namespace" logs job/paystream-migrate --tail=50 >&2 || true
  echo "The migrations failed. The sinks were not changed. Fix the cause in the log above, then run this script again." >&2
  exit 1
fi
"${kubectl[@]}" -n "$namespace" logs job/paystream-migrate --tail=20
"${kubectl[@]}" apply -f "$rendered"
"${kubectl[@]}" -n "$namespace" rollout status deployment/paystream-sink --timeout=10m
