/** The sink's log. Neither messages nor fields ever contain a payload. */
export interface SinkLogger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Discards everything. */
export const silentLogger: SinkLogger = { debug() {}, info() {}, warn() {}, error() {} };
