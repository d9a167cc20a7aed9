#!/usr/bin/env bash
# ACLs for a managed Kafka, as commands of Kafka's own tools.
# Generated from deploy/kafka/strimzi by `npm run check:deploy -- --write`. Safe to run again.
#   KAFKA_BROKERS=host:9093 KAFKA_CLIENT_CONFIG=admin.properties bash acls.sh
set -euo pipefail
: "${KAFKA_BROKERS:?host:port,...}" "${KAFKA_CLIENT_CONFIG:?client properties of an administrator}"
KAFKA_ACLS=${KAFKA_ACLS:-kafka-acls.sh}
allow() {
  local user=$1
  shift
  $KAFKA_ACLS --bootstrap-server "$KAFKA_BROKERS" --command-config "$KAFKA_CLIENT_CONFIG" \
    --add --allow-principal "User:$user" "$@"
}

allow cc-payment-service --topic 'CC-PAYMENT' --operation Write --operation Describe
allow cc-payment-service --cluster --operation IdempotentWrite
allow bank-transfer-payment-service --topic 'BANK-TRANSFER-PAYMENT' --operation Write --operation Describe
allow bank-transfer-payment-service --cluster --operation IdempotentWrite
allow ksqldb --topic 'CC-PAYMENT' --operation Read --operation Describe --operation DescribeConfigs
allow ksqldb --topic 'BANK-TRANSFER-PAYMENT' --operation Read --operation Describe --operation DescribeConfigs
allow ksqldb --topic 'PAYMENT-OUTPUT' --operation Read --operation Write --operation Create --operation Describe --operation DescribeConfigs
allow ksqldb --topic 'PAYMENT-REJECTED' --operation Read --operation Write --operation Create --operation Describe --operation DescribeConfigs
allow ksqldb --topic 'PAYMENT-TRX-AGGR' --operation Read --operation Write --operation Create --operation Describe --operation DescribeConfigs
allow ksqldb --topic 'PAYMENT-ACTIVITY' --operation Read --operation Write --operation Create --operation Describe --operation DescribeConfigs
allow ksqldb --topic 'paystream_' --resource-pattern-type prefixed --operation Read --operation Write --operation Create --operation Describe --operation DescribeConfigs --operation AlterConfigs
allow ksqldb --topic '_confluent-ksql-paystream_' --resource-pattern-type prefixed --operation All
allow ksqldb --group '_confluent-ksql-paystream_' --resource-pattern-type prefixed --operation All
allow ksqldb --transactional-id '_confluent-ksql-paystream_' --resource-pattern-type prefixed --operation All
allow ksqldb --transactional-id 'paystream_' --resource-pattern-type prefixed --operation All
allow ksqldb --cluster --operation Describe --operation DescribeConfigs --operation IdempotentWrite
allow paystream-sink --topic 'PAYMENT-TRX-AGGR' --operation Read --operation Describe
allow paystream-sink --group 'paystream-sink' --operation Read --operation Describe
allow paystream-sink --topic 'PAYMENT-DEAD-LETTERS' --operation Write --operation Describe
allow paystream-exporter --topic 'CC-PAYMENT' --operation Describe
allow paystream-exporter --topic 'BANK-TRANSFER-PAYMENT' --operation Describe
allow paystream-exporter --topic 'PAYMENT-OUTPUT' --operation Describe
allow paystream-exporter --topic 'PAYMENT-REJECTED' --operation Describe
allow paystream-exporter --topic 'PAYMENT-TRX-AGGR' --operation Describe
allow paystream-exporter --topic 'PAYMENT-DEAD-LETTERS' --operation Describe
allow paystream-exporter --topic 'paystream_ksql_processing_log' --operation Describe
