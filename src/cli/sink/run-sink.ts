import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import type { Config, KafkaConfig } from '../../config/config.js';
import { PaystreamError } from '../../errors/paystream-error.js';
import { type SinkLogger, startSink } from '../../sink/sink.js';
import { openStore } from '../../store/open-store.js';

export interface RunSinkOptions {
  readonly migrateStore: boolean;
  /** Wins over the configuration's. */
  readonly onGap?: 'fail' | 'skip';
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

function saslOf(sasl: KafkaConfig['sasl']) {
  if (sasl === undefined) return undefined;
  if (sasl.mechanism === 'oauthbearer' || sasl.username === undefined || sasl.password === undefined) {
    throw new PaystreamError('CONFIG_INVALID', 'kafka.sasl needs a user name and a password.', {
      hint: 'Set kafka.sasl.username and kafka.sasl.passwordFile in paystream.yaml.',
    });
  }
  return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password };
}

/** Runs the sink until a signal stops it or it fails for good. */
export async function runSink(config: Config, options: RunSinkOptions): Promise<void> {
  const { kafka } = config;
  const settings = { ...config.sink, ...(options.onGap === undefined ? {} : { onGap: options.onGap }) };
  const sasl = saslOf(kafka.sasl);
  const pem = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path, 'utf8'));
  const ssl =
    kafka.tls === undefined
      ? kafka.ssl
      : { ca: pem(kafka.tls.ca), cert: pem(kafka.tls.cert), key: pem(kafka.tls.key) };
  const store = await openStore(config.store.url);
  try {
    const sink = await startSink({
      brokers: kafka.brokers,
      ...(ssl === undefined ? {} : { ssl }),
      ...(sasl === undefined ? {} : { sasl }),
      store,
      groupId: settings.groupId ?? 'paystream-sink',
      ...(settings.topic === undefined ? {} : { topic: settings.topic }),
      ...(settings.onGap === undefined ? {} : { onGap: settings.onGap }),
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
