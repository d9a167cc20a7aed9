/**
 * The properties that ksqlDB accepts: its own, and those of Kafka's consumer, producer and Streams.
 *
 * Source: https://docs.ksqldb.io/en/latest/reference/server-configuration/ and
 * https://kafka.apache.org/documentation/#configuration
 */
import { KsqlException } from '../errors.js';
import { serverProperties } from './server-properties.js';

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((name) => name !== ''));
}

const consumerNames = names(`
  allow.auto.create.topics auto.commit.interval.ms auto.offset.reset bootstrap.servers check.crcs
  client.dns.lookup client.id client.rack connections.max.idle.ms default.api.timeout.ms
  enable.auto.commit enable.metrics.push exclude.internal.topics fetch.max.bytes fetch.max.wait.ms
  fetch.min.bytes group.id group.instance.id group.protocol group.remote.assignor
  heartbeat.interval.ms interceptor.classes internal.leave.group.on.close isolation.level key.deserializer
  max.partition.fetch.bytes max.poll.interval.ms max.poll.records metadata.max.age.ms metric.reporters
  metrics.num.samples metrics.recording.level metrics.sample.window.ms partition.assignment.strategy receive.buffer.bytes
  reconnect.backoff.max.ms reconnect.backoff.ms request.timeout.ms retry.backoff.max.ms retry.backoff.ms
  sasl.jaas.config sasl.mechanism security.protocol send.buffer.bytes session.timeout.ms
  socket.connection.setup.timeout.max.ms socket.connection.setup.timeout.ms ssl.endpoint.identification.algorithm ssl.key.password ssl.keystore.location
  ssl.keystore.password ssl.truststore.location ssl.truststore.password value.deserializer
`);
const producerNames = names(`
  acks batch.size bootstrap.servers buffer.memory client.dns.lookup
  client.id compression.gzip.level compression.lz4.level compression.type compression.zstd.level
  connections.max.idle.ms delivery.timeout.ms enable.idempotence enable.metrics.push interceptor.classes
  key.serializer linger.ms max.block.ms max.request.size metadata.max.age.ms
  metadata.max.idle.ms metric.reporters metrics.num.samples metrics.recording.level metrics.sample.window.ms
  partitioner.adaptive.partitioning.enable partitioner.availability.timeout.ms partitioner.class partitioner.ignore.keys receive.buffer.bytes
  reconnect.backoff.max.ms reconnect.backoff.ms request.timeout.ms retries retry.backoff.max.ms
  retry.backoff.ms send.buffer.bytes socket.connection.setup.timeout.max.ms socket.connection.setup.timeout.ms transaction.timeout.ms
  transactional.id value.serializer
`);
const streamsNames = names(`
  acceptable.recovery.lag application.id application.server bootstrap.servers buffered.records.per.partition
  built.in.metrics.version cache.max.bytes.buffering client.id commit.interval.ms connections.max.idle.ms
  default.client.supplier default.deserialization.exception.handler default.dsl.store default.key.serde default.production.exception.handler
  default.timestamp.extractor default.value.serde deserialization.exception.handler dsl.store.suppliers.class enable.metrics.push
  log.summary.interval.ms max.task.idle.ms max.warmup.replicas metadata.max.age.ms metric.reporters
  metrics.num.samples metrics.recording.level metrics.sample.window.ms num.standby.replicas num.stream.threads
  poll.ms probing.rebalance.interval.ms processing.exception.handler processing.guarantee production.exception.handler
  rack.aware.assignment.non_overlap_cost rack.aware.assignment.strategy rack.aware.assignment.tags rack.aware.assignment.traffic_cost receive.buffer.bytes
  reconnect.backoff.max.ms reconnect.backoff.ms repartition.purge.interval.ms replication.factor request.timeout.ms
  retry.backoff.ms rocksdb.config.setter security.protocol send.buffer.bytes state.cleanup.delay.ms
  state.dir statestore.cache.max.bytes task.assignor.class task.timeout.ms topology.optimization
  upgrade.from window.size.ms windowstore.changelog.additional.retention.ms
`);
const moreKsqlNames = names(`
  ksql.fail.on.deserialization.error ksql.fail.on.production.error ksql.properties.overrides.allowlist
  ksql.properties.overrides.log ksql.properties.overrides.validation.mode
  ksql.query.pull.coordinator.queue.capacity ksql.query.pull.router.queue.capacity
`);
const ksqlNames = new Set([...serverProperties.map(({ name }) => name), ...moreKsqlNames]);
const requestNames = names(`
  request.ksql.query.pull.skip.forwarding request.ksql.internal.request request.ksql.debug.request
  request.ksql.query.push.skip.forwarding request.ksql.query.push.registry.start
  request.ksql.query.pull.partitions request.ksql.query.push.continuation.token
  request.ksql.query.pull.consistency.token
`);
const internalStreamsNames = names(`
  __emit.interval.ms.kstreams.outer.join.spurious.results.fix__
  __emit.interval.ms.kstreams.windowed.aggregation__
`);

/** Properties that no request may set. */
const immutableNames = names(`
  bootstrap.servers ksql.extension.dir ksql.query.persistent.active.limit ksql.pull.queries.enable
  ksql.hidden.topics ksql.readonly.topics ksql.source.table.materialization.enabled
  ksql.headers.columns.enabled ssl.truststore.location ssl.truststore.password ssl.keystore.location
  ssl.keystore.password ssl.key.password
`);
const deniedNames = names('ksql.service.id');

const streamsPrefix = 'ksql.streams.';

/** Returns whether a request may contain this property. */
export function isKnownProperty(name: string): boolean {
  if (name.startsWith('request.ksql.')) return requestNames.has(name);
  if (name.startsWith('ksql.') && !name.startsWith(streamsPrefix)) {
    return ksqlNames.has(name) || name.startsWith('ksql.functions.');
  }
  const key = withoutPrefix(name, streamsPrefix);
  return (
    consumerNames.has(withoutPrefix(key, 'consumer.')) ||
    producerNames.has(withoutPrefix(key, 'producer.')) ||
    streamsNames.has(key) ||
    internalStreamsNames.has(key) ||
    (key.startsWith('topic.') && key.length > 'topic.'.length)
  );
}

/** Throws a KsqlException if a session may not set the property. */
export function checkNotDenied(propertyNames: Iterable<string>): void {
  const denied = [...propertyNames].filter((name) => deniedNames.has(name));
  if (denied.length > 0) {
    throw new KsqlException(
      'One or more properties overrides set locally are prohibited by the KSQL server denylist ' +
        `(use UNSET to reset their default value): [${denied.join(', ')}]`,
    );
  }
}

/** Returns why the property cannot have this value, or undefined if it can. */
export function propertyProblem(name: string, value: string): string | undefined {
  const key = baseName(name);
  if (immutableNames.has(key)) return `Cannot override property '${name}'`;
  if (key === 'auto.offset.reset') return offsetResetProblem(value);
  const known = serverProperties.find((property) => property.name === name)?.value;
  if (known === 'true' || known === 'false') {
    return /^(true|false)$/i.test(value.trim())
      ? undefined
      : invalidValue(key, value, 'Expected value to be either true or false');
  }
  if (known !== undefined && known !== null && /^-?[0-9]+$/.test(known)) {
    return /^[+-]?[0-9]+$/.test(value.trim())
      ? undefined
      : invalidValue(key, value, `Not a number of type ${known.length > 9 ? 'LONG' : 'INT'}`);
  }
  return undefined;
}

function offsetResetProblem(value: string): string | undefined {
  if (value.toLowerCase() === 'none') return "'none' is not valid for this property within KSQL";
  if (['earliest', 'latest'].includes(value.toLowerCase())) return undefined;
  return invalidValue('auto.offset.reset', value, 'String must be one of: latest, earliest, none');
}

function invalidValue(name: string, value: string, why: string): string {
  return `Invalid value ${value} for configuration ${name}: ${why}`;
}

/** Removes the prefixes `ksql.streams.`, `consumer.` and `producer.` from the name. */
export function baseName(name: string): string {
  const key = withoutPrefix(name, streamsPrefix);
  return withoutPrefix(withoutPrefix(key, 'consumer.'), 'producer.');
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
