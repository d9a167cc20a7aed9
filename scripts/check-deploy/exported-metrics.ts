import { createExporterMetrics } from '../../src/exporter/exporter-metrics.js';
import { Partitions } from '../../src/sink/partitions.js';
import { createSinkMetrics } from '../../src/sink/sink-metrics.js';
import { sampleNames } from './promql.js';

/** Returns the names of all samples that Paystream's processes export, from their registries. */
export async function exportedMetrics(): Promise<ReadonlySet<string>> {
  const sink = createSinkMetrics(new Partitions());
  const exporter = createExporterMetrics();
  const names = new Set<string>();
  for (const registry of [sink.registry, exporter.registry]) {
    for (const { name, type } of await registry.getMetricsAsJSON()) {
      for (const sample of sampleNames(name, String(type))) names.add(sample);
    }
  }
  return names;
}
