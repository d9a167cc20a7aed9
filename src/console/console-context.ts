import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import type { HistoryNames } from '../migrations/history-store.js';
import type { PipelineSources } from '../pipeline/pipeline-status.js';
import type { Store } from '../store/store.js';
import type { ClusterWatch } from './cluster-watch.js';

/** Where the migrations are. */
export interface ConsoleMigrations {
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly history: Partial<HistoryNames>;
}

/** What the console's answers are made from. */
export interface ConsoleContext {
  readonly client: KsqldbClient;
  readonly watch: ClusterWatch;
  readonly allowWrite: boolean;
  readonly version: string;
  /** Opened when it is first asked for; undefined without a store. */
  readonly store: (() => Promise<Store>) | undefined;
  readonly migrations: ConsoleMigrations | undefined;
  /** Where the health page gets the pipeline's status from. */
  readonly sources: PipelineSources;
}
