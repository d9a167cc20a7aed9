import { type HttpServer, send, serveHttp } from '../http/serve-http.js';
import type { KafkaAdmin } from '../kafka/admin.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { collectMetrics } from './collect-metrics.js';
import { createExporterMetrics } from './exporter-metrics.js';

export interface ExporterOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly client: KsqldbClient;
  readonly kafka: KafkaAdmin;
  /** Called when ksqlDB or Kafka fails during a scrape. */
  readonly onFailure: (text: string) => void;
}

/**
 * Serves `/metrics` about ksqlDB and Kafka, read at each scrape, and `/healthz`. It consumes no records.
 *
 * @throws HTTP_LISTEN when the address cannot be used.
 */
export async function startExporter(options: ExporterOptions): Promise<HttpServer> {
  const { host, port, client, kafka, onFailure } = options;
  const metrics = createExporterMetrics();
  // Concurrent scrapes share one round of requests.
  let running: Promise<void> | undefined;
  const collect = () => {
    running ??= collectMetrics(metrics, client, kafka, (target, error) =>
      onFailure(`Cannot reach ${target}: ${(error as Error).message}`),
    ).finally(() => {
      running = undefined;
    });
    return running;
  };
  return await serveHttp(
    (request, response) => {
      const path = new URL(request.url ?? '/', 'http://exporter').pathname;
      if (path === '/healthz') {
        send(response, 200, '{"status":"ok"}');
      } else if (path === '/metrics') {
        collect()
          .then(() => metrics.registry.metrics())
          .then(
            (text) => send(response, 200, text, { 'content-type': metrics.registry.contentType }),
            () => send(response, 500, 'Cannot format the metrics.\n', { 'content-type': 'text/plain' }),
          );
      } else {
        send(response, 404, '{"code":"NOT_FOUND","message":"Use /healthz or /metrics."}');
      }
    },
    { host, port, name: 'the exporter' },
  );
}
