#!/usr/bin/env bash
# Rolls the sinks back to their previous version. If a version is given, also undoes the migrations above it.
#   scripts/ops/roll-back.sh production [version to keep] [context]
# `paystream migrate undo` runs the undo files, with the endpoints from paystream.yaml in the root of the project.
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
