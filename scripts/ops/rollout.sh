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

# Everything but the sinks, which want what the migrations make. A Job cannot be changed: the last one goes first.
"${kubectl[@]}" -n "$namespace" delete job paystream-migrate --ignore-not-found --wait
"${kubectl[@]}" apply -f "$rendered" -l 'app.kubernetes.io/name notin (paystream-sink, paystream-migrate)'
"${kubectl[@]}" -n "$namespace" rollout status statefulset/ksqldb --timeout=20m
"${kubectl[@]}" apply -f "$rendered" -l 'app.kubernetes.io/name=paystream-migrate'
"${kubectl[@]}" -n "$namespace" wait --for=condition=complete job/paystream-migrate --timeout=30m
"${kubectl[@]}" -n "$namespace" logs job/paystream-migrate --tail=20
"${kubectl[@]}" apply -f "$rendered"
"${kubectl[@]}" -n "$namespace" rollout status deployment/paystream-sink --timeout=10m
