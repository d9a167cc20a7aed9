import type { Manifest } from './kubernetes-schemas.js';
import type { Problems } from './problems.js';

/** What must differ between overlays: the namespace, and Kafka unless ksqlDB's service id does. */
export function checkOverlays(overlays: ReadonlyMap<string, readonly Manifest[]>, problems: Problems): void {
  const taken = new Map<string, string>();
  const claim = (what: string, value: string, folder: string) => {
    problems.looked();
    const other = taken.get(`${what} ${value}`);
    if (other !== undefined) problems.add(folder, `${what} ${value} is that of ${other}, too`);
    taken.set(`${what} ${value}`, folder);
  };
  for (const [folder, manifests] of overlays) {
    const setting = (key: string) => {
      const maps = manifests.filter(({ kind }) => kind === 'ConfigMap');
      const found = maps.map((map) => (map.data as Readonly<Record<string, string>> | undefined)?.[key]);
      return found.find((value) => value !== undefined) ?? '';
    };
    const namespaces = manifests.filter(({ kind }) => kind === 'Namespace');
    for (const { metadata } of namespaces) claim('the namespace', metadata.name, folder);
    // Servers of one id on one Kafka are one cluster: they run each other's statements.
    claim(
      'the ksqlDB cluster',
      `${setting('KSQL_KSQL_SERVICE_ID')} on ${setting('PAYSTREAM_KAFKA_BROKERS')}`,
      folder,
    );
  }
}
