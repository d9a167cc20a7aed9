#!/usr/bin/env bash
# Topics for a managed Kafka, as commands of Kafka's own tools.
# Generated from deploy/kafka/strimzi by `npm run check:deploy -- --write`. Safe to run again.
#   KAFKA_BROKERS=host:9093 KAFKA_CLIENT_CONFIG=admin.properties bash topics.sh
set -euo pipefail
: "${KAFKA_BROKERS:?host:port,...}" "${KAFKA_CLIENT_CONFIG:?client properties of an administrator}"
KAFKA_TOPICS=${KAFKA_TOPICS:-kafka-topics.sh}
topic() {
  local name=$1
  shift
  $KAFKA_TOPICS --bootstrap-server "$KAFKA_BROKERS" --command-config "$KAFKA_CLIENT_CONFIG" \
    --create --if-not-exists --topic "$name" "$@"
}

topic CC-PAYMENT --partitions 6 --replication-factor "${REPLICAS:-3}" \
  --config cleanup.policy=delete \
  --config retention.ms=604800000 \
  --config message.timestamp.after.max.ms=3600000 \
  --config "min.insync.replicas=${MIN_ISR:-2}"
topic BANK-TRANSFER-PAYMENT --partitions 6 --replication-factor "${REPLICAS:-3}" \
  --config cleanup.policy=delete \
  --config retention.ms=604800000 \
  --config message.timestamp.after.max.ms=3600000 \
  --config "min.insync.replicas=${MIN_ISR:-2}"
topic PAYMENT-OUTPUT --partitions 6 --replication-factor "${REPLICAS:-3}" \
  --config cleanup.policy=delete \
  --config retention.ms=34560000000 \
  --config "min.insync.replicas=${MIN_ISR:-2}"
topic PAYMENT-REJECTED --partitions 6 --replication-factor "${REPLICAS:-3}" \
  --config cleanup.policy=delete \
  --config retention.ms=34560000000 \
  --config "min.insync.replicas=${MIN_ISR:-2}"
topic PAYMENT-TRX-AGGR --partitions 6 --replication-factor "${REPLICAS:-3}" \
  --config cleanup.policy=compact,delete \
  --config retention.ms=34560000000 \
  --config "min.insync.replicas=${MIN_ISR:-2}"
topic PAYMENT-ACTIVITY --partitions 6 --replication-factor "${REPLICAS:-3}" \
  --config cleanup.policy=compact,delete \
  --config retention.ms=7776000000 \
  --config "min.insync.replicas=${MIN_ISR:-2}"
topic PAYMENT-DEAD-LETTERS --partitions 1 --replication-factor "${REPLICAS:-3}" \
  --config cleanup.policy=delete \
  --config retention.ms=34560000000 \
  --config "min.insync.replicas=${MIN_ISR:-2}"
