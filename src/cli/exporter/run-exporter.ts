import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../../config/config.js';
import { PaystreamError } from '../../errors/paystream-error.js';
import { createKafkaAdmin } from '../../kafka/admin.js';
import { kafkaConnectionOf } from '../../kafka/connection.js';
import { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import { collect } from './collect.js';
import { createExporterMetrics } from './exporter-metrics.js';

export interface RunExporterOptions {
  readonly host: string;
  readonly port: number;
  readonly onReady: (url: string) => void;
  readonly onFailure: (text: string) => void;
}

/** Kafka Streams and the processing log name it after the service. */
const LOG_SUFFIX = 'ksql_processing_log';
const ANSWER_WITHIN_MS = 5_000;

/** Answers /metrics by asking ksqlDB and Kafka, until a signal stops it. It reads no record. */
export async function runExporter(config: Config, options: RunExporterOptions): Promise<void> {
  const metrics = createExporterMetrics();
  const client = new KsqldbClient({ ...config.ksqldb, timeoutMs: ANSWER_WITHIN_MS });
  const kafka = createKafkaAdmin(kafkaConnectionOf(config.kafka), 'paystream-exporter');
  const ends = (wanted: readonly string[]) =>
    kafka.topicEnds((topic) => wanted.includes(topic) || topic.endsWith(LOG_SUFFIX));

  // Scrapes that come together share one look.
  let looking: Promise<void> | undefined;
  const look = () => {
    looking ??= collect(metrics, client, ends, (target, error) =>
      options.onFailure(`${target} does not answer: ${(error as Error).message}`),
    ).finally(() => {
      looking = undefined;
    });
    return looking;
  };

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://exporter').pathname;
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
      response.end(body);
    };
    if (path === '/healthz') {
      send(200, 'application/json', '{"status":"ok"}');
    } else if (path === '/metrics') {
      look()
        .then(() => metrics.registry.metrics())
        .then(
          (text) => send(200, metrics.registry.contentType, text),
          () => send(500, 'text/plain', 'The metrics could not be written.\n'),
        );
    } else {
      send(404, 'application/json', '{"code":"NOT_FOUND","message":"Offered: /healthz, /metrics."}');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new PaystreamError('EXPORTER_PORT_TAKEN', `The exporter cannot listen: ${cause.message}`, {
          where: `${options.host}:${options.port}`,
          hint: 'Choose another port with --port, or 0 for any free one.',
          cause,
        }),
      ),
    );
    server.listen(options.port, options.host, resolve);
  });
  options.onReady(`http://${options.host}:${(server.address() as AddressInfo).port}/metrics`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
  });
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  await kafka.close();
  client.close();
}
