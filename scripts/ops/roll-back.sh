#!/usr/bin/env bash
# Takes an upgrade back: the sinks to their last version, and, if a version is given, the migrations above it.
#   scripts/ops/roll-back.sh production [version that stays] [context]
# Migrations are taken back by their undo files (paystream migrate undo), with the addresses of paystream.yaml here.
set -euo pipefail
overlay=${1:?staging or production}
cd "$(dirname "$0")/../.."
kubectl=(kubectl ${3:+--context "$3"})
namespace=$(sed -n 's/^namespace: //p' "deploy/overlays/$overlay/kustomization.yaml")
"${kubectl[@]}" -n "$namespace" rollout undo deployment/paystream-sink
"${kubectl[@]}" -n "$namespace" rollout status deployment/paystream-sink --timeout=10m
if [ -n "${2:-}" ]; then
  npx paystream migrate undo --to "$2" --dry-run
  npx paystream migrate undo --to "$2"
fi
