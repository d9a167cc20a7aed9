/** Where the sink says what it does. Fields are for machines; neither they nor messages ever hold a payload. */
export interface SinkLogger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A logger that says nothing. */
export const silentLogger: SinkLogger = { debug() {}, info() {}, warn() {}, error() {} };
