import type { ConsoleInfo, ConsoleStatus, RatePoint, Topology } from '../wire.js';
import type { LiveHandlers } from './live.js';

/** The properties of every page. */
export interface PageProps {
  readonly info: ConsoleInfo;
  readonly status: ConsoleStatus;
  readonly topology: Topology | undefined;
  readonly history: readonly RatePoint[];
  /** Adds the events that this page shows to the live connection. */
  readonly watch: (query: string, handlers: LiveHandlers) => void;
  /** Opens another page, optionally with a statement for the editor. */
  readonly open: (path: string, sql?: string) => void;
  /** The statement that was passed to `open`. */
  readonly handed: string | undefined;
}
