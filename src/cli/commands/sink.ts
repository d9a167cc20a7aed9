import { type Command, Option } from 'commander';
import { configOf, withEndpoints } from '../endpoints.js';
import { note } from '../output.js';
import { withStopSignal } from '../signals.js';

interface SinkFlags {
  readonly config?: string;
  readonly kafkaBrokers?: string;
  readonly databaseUrl?: string;
  readonly migrateStore: boolean;
  readonly onGap?: 'fail' | 'skip';
  readonly onRecreated?: 'fail' | 'rebuild';
}

export function addSinkCommand(program: Command): void {
  const onGap = new Option(
    '--on-gap <action>',
    'what to do when Kafka no longer has the next offset (default: fail)',
  );
  const onRecreated = new Option(
    '--on-recreated <action>',
    'what to do when the topic was deleted and recreated (default: fail)',
  );
  withEndpoints(
    program.command('sink').description('write PAYMENT-TRX-AGGR to the customer store, until stopped'),
    'kafka',
    'store',
  )
    .option('--no-migrate-store', "do not update the store's schema first")
    .addOption(onGap.choices(['fail', 'skip']))
    .addOption(onRecreated.choices(['fail', 'rebuild']))
    .addHelpText(
      'before',
      `Examples:
  paystream sink --kafka-brokers kafka:9092 --database-url postgres://sink@db/customers
  paystream sink --on-gap skip       once, after records were deleted on purpose

Set the consumer group, topic, dead letters, HTTP server and security in paystream.yaml.
`,
    )
    .action(runSink);
}

async function runSink(flags: SinkFlags): Promise<void> {
  const [
    { kafka, sink: settings, store: storeConfig },
    { startSink },
    { kafkaConnectionOf },
    { checkKafkaAccess },
    { openConfiguredStore },
    { jsonLogger },
    { keepHeapSmall },
  ] = await Promise.all([
    configOf(flags),
    import('../../sink/sink.js'),
    import('../../kafka/connection.js'),
    import('../../kafka/check-access.js'),
    import('../open-configured-store.js'),
    import('../sink/json-logger.js'),
    import('../sink/small-heap.js'),
  ]);
  keepHeapSmall();
  const connection = kafkaConnectionOf(kafka);
  const store = await openConfiguredStore(storeConfig);
  try {
    await checkKafkaAccess(connection);
    const sink = await startSink({
      ...settings,
      ...connection,
      store,
      groupId: settings.groupId ?? 'paystream-sink',
      onGap: flags.onGap ?? settings.onGap,
      onRecreated: flags.onRecreated ?? settings.onRecreated,
      migrate: flags.migrateStore,
      http: { ...settings.http, port: settings.http?.port ?? 8080 },
      logger: jsonLogger(),
    });
    note(`sink: ${kafka.brokers.join(',')} -> ${store.address}; health and payments at ${sink.httpUrl}`);
    try {
      await withStopSignal(
        () => sink.done,
        () => void sink.stop(),
      );
    } finally {
      await sink.stop();
    }
  } finally {
    await store.close();
  }
}
