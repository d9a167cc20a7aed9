import { pino } from 'pino';
import type { Config } from '../../config/config.js';
import { checkKafkaAccess } from '../../kafka/check-access.js';
import { kafkaConnectionOf } from '../../kafka/connection.js';
import { type SinkLogger, startSink } from '../../sink/sink.js';
import { openConfiguredStore } from '../open-configured-store.js';
import { keepHeapSmall } from './small-heap.js';

export interface RunSinkOptions {
  readonly migrateStore: boolean;
  /** Wins over the configuration's. */
  readonly onGap?: 'fail' | 'skip';
  readonly onRecreated?: 'fail' | 'rebuild';
  readonly onReady: (text: string) => void;
}

/** One JSON object a line on stderr; stdout stays free. */
function jsonLogger(): SinkLogger {
  const log = pino(
    {
      base: null,
      level: process.env.PAYSTREAM_LOG_LEVEL ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ fd: 2, sync: true }),
  );
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
  };
}

/** Runs the sink until a signal stops it or it fails for good. */
export async function runSink(config: Config, options: RunSinkOptions): Promise<void> {
  keepHeapSmall();
  const { kafka } = config;
  const settings = {
    ...config.sink,
    ...(options.onGap === undefined ? {} : { onGap: options.onGap }),
    ...(options.onRecreated === undefined ? {} : { onRecreated: options.onRecreated }),
  };
  const connection = kafkaConnectionOf(kafka);
  const store = await openConfiguredStore(config.store);
  try {
    await checkKafkaAccess(connection);
    const sink = await startSink({
      ...connection,
      store,
      groupId: settings.groupId ?? 'paystream-sink',
      ...(settings.topic === undefined ? {} : { topic: settings.topic }),
      ...(settings.onGap === undefined ? {} : { onGap: settings.onGap }),
      ...(settings.onRecreated === undefined ? {} : { onRecreated: settings.onRecreated }),
      ...(settings.deadLetterTopic === undefined ? {} : { deadLetterTopic: settings.deadLetterTopic }),
      migrate: options.migrateStore,
      http: {
        host: settings.http?.host ?? '127.0.0.1',
        port: settings.http?.port ?? 8080,
        ...(settings.http?.token === undefined ? {} : { token: settings.http.token }),
      },
      logger: jsonLogger(),
    });
    options.onReady(
      `sink: ${kafka.brokers.join(',')} -> ${store.address}; health and payments at ${sink.httpUrl}`,
    );
    const stop = () => void sink.stop();
    process.once('SIGINT', stop).once('SIGTERM', stop);
    try {
      await sink.done;
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      await sink.stop();
    }
  } finally {
    await store.close();
  }
}
