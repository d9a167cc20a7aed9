import type { Manifest } from './kubernetes-schemas.js';
import type { Problems } from './problems.js';

/** Checks that overlays have different namespaces, and a different Kafka or ksqlDB service id. */
export function checkOverlays(overlays: ReadonlyMap<string, readonly Manifest[]>, problems: Problems): void {
  const taken = new Map<string, string>();
  const claim = (what: string, value: string, folder: string) => {
    problems.looked();
    const other = taken.get(`${what} ${value}`);
    if (other !== undefined) problems.add(folder, `${what} ${value} is also used by ${other}`);
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
    // Servers with the same service id on the same Kafka form one cluster and run each other's statements.
    claim(
      'the ksqlDB cluster',
      `${setting('KSQL_KSQL_SERVICE_ID')} on ${setting('PAYSTREAM_KAFKA_BROKERS')}`,
      folder,
    );
  }
}
