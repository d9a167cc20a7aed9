import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import type { HistoryNames } from '../migrations/history-store.js';
import type { PipelineSources } from '../pipeline/pipeline-status.js';
import type { Store } from '../store/store.js';
import type { ClusterWatch } from './cluster-watch.js';

/** The location and settings of the migrations. */
export interface ConsoleMigrations {
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly history: Partial<HistoryNames>;
}

/** The services that the console reads from. */
export interface ConsoleContext {
  readonly client: KsqldbClient;
  readonly watch: ClusterWatch;
  readonly allowWrite: boolean;
  readonly version: string;
  /** Opens the store on first use. Undefined without a store. */
  readonly store: (() => Promise<Store>) | undefined;
  readonly migrations: ConsoleMigrations | undefined;
  /** Where the health page gets the pipeline's status from. */
  readonly sources: PipelineSources;
}
