/** How the command line ends after an error. docs/cli.md explains each exit status. */
export type ErrorOutcome = 'failed' | 'usage' | 'locked' | 'unreachable';

interface ErrorCodeEntry {
  readonly outcome: ErrorOutcome;
  /** For the table of all codes in docs/errors.md. */
  readonly meaning: string;
}

/** Declares codes with the same outcome. */
function codes<Code extends string>(
  outcome: ErrorOutcome,
  meanings: Readonly<Record<Code, string>>,
): Readonly<Record<Code, ErrorCodeEntry>> {
  const entries = Object.entries<string>(meanings).map(([code, meaning]) => [code, { outcome, meaning }]);
  return Object.fromEntries(entries) as Record<Code, ErrorCodeEntry>;
}

/** Every code of a PaystreamError. The codes are stable: scripts and alerts may rely on them. */
export const ERROR_CODES = {
  ...codes('usage', {
    CONFIG_INVALID: 'The configuration has an unknown key or a wrong value.',
    CONFIG_MISSING: 'The configuration file does not exist, or a required key is missing.',
    CONFIG_SECRET: 'A file with a secret cannot be read.',
    CONFIG_TLS: 'A certificate or key file cannot be read.',
    MIGRATIONS_DIRECTORY: 'The migrations directory does not exist or cannot be read.',
    USAGE: 'A flag or an argument is wrong.',
    USAGE_CHANNEL: 'The description of a new channel is wrong.',
    USAGE_DESCRIPTION: 'The description of a new migration is wrong.',
    USAGE_FILE: 'A file that was named on the command line cannot be read.',
    USAGE_NOT_CONFIRMED: 'The command needs a confirmation and did not get it.',
    USAGE_NO_TESTS: 'No SQL test file was found.',
    USAGE_RESUME: '--resume-at names a statement that the file does not have.',
    USAGE_TLS: 'A certificate for the embedded cluster is missing or wrong.',
    USAGE_USERS: 'The users file of the embedded cluster is wrong.',
    USAGE_VERSION: 'There is no migration with this version, or it is applied already.',
  }),
  ...codes('locked', {
    MIGRATION_LOCKED: 'Another run holds the migration lock.',
  }),
  ...codes('unreachable', {
    KAFKA_TLS: 'The TLS connection to Kafka failed.',
    KAFKA_UNAUTHORIZED: 'Kafka rejected the credentials, or the user lacks a permission.',
    KSQLDB_NOT_KSQLDB: 'Something other than ksqlDB answered, such as a proxy.',
    KSQLDB_TIMEOUT: 'ksqlDB did not answer in time.',
    KSQLDB_TLS: 'The TLS connection to ksqlDB failed.',
    KSQLDB_UNAUTHORIZED: 'ksqlDB rejected the credentials, or the user lacks a permission.',
    KSQLDB_UNREACHABLE: 'ksqlDB did not answer.',
    STORE_TLS: 'The TLS connection to the customer store failed.',
    STORE_UNREACHABLE: 'The customer store did not answer.',
  }),
  ...codes('failed', {
    BASELINE_NOT_EMPTY: 'A baseline needs an empty migration history.',
    CHANNEL_EXISTS: 'The files of the channel exist already.',
    CHANNEL_UNKNOWN: 'There is no channel with this name.',
    CONSOLE_CUSTOMER: 'The customer number is not a 64-bit integer.',
    CONSOLE_NOT_BUILT: "The console's page has not been built.",
    CONSOLE_NO_MIGRATIONS: 'The console has no migrations directory.',
    CONSOLE_READ_ONLY: 'The console runs without --allow-write.',
    CONSOLE_REQUEST: 'A request to the console is incomplete.',
    DATA_DIR_BROKEN: 'A file in the data directory of the embedded cluster cannot be read.',
    DATA_DIR_IN_USE: 'Another process uses the data directory.',
    DEMO_FAILED: 'The demo did not end with the expected payments.',
    HISTORY_INCONSISTENT: 'The migration history on the server contradicts itself.',
    HTTP_LISTEN: 'The address of an HTTP server cannot be used.',
    KSQLDB_NOT_READY: 'The state of a table cannot be read yet.',
    KSQLDB_PROTOCOL: 'An answer of ksqlDB breaks off or cannot be parsed.',
    KSQLDB_SERVER: 'ksqlDB answered with an error.',
    KSQLDB_STATEMENT: 'ksqlDB rejected a statement.',
    KSQLDB_TOO_OLD: 'This version of ksqlDB is not supported.',
    MIGRATION_AMBIGUOUS: 'The server does not show whether an interrupted statement was executed.',
    MIGRATION_CHANGED: 'The file of an applied migration was changed.',
    MIGRATION_DUPLICATE: 'Two migration files have the same version.',
    MIGRATION_FAILED: 'A migration failed.',
    MIGRATION_LINE_ENDS: 'The file of an applied migration differs in its line ends only.',
    MIGRATION_LOCK_LOST: 'The migration lock was removed during the run.',
    MIGRATION_MISSING: 'The file of an applied migration is missing.',
    MIGRATION_NAME: 'The name of a migration file is wrong.',
    MIGRATION_QUERY_NOT_RUNNING: 'A query that a migration created does not run.',
    MIGRATION_RESULT_LOST: 'The server no longer has the result of a statement.',
    MIGRATION_UNFINISHED: 'An earlier migration is unfinished.',
    MIGRATION_SKIPPED: 'A file below the current version was never applied.',
    PLAN_REFUSED: 'The server would reject a pending migration.',
    SINK_CONSUMER_CRASHED: "The sink's consumer failed too many times in a row.",
    SINK_FAILED: 'The sink failed unexpectedly.',
    SINK_FENCED: 'Another consumer has claimed the partition.',
    SINK_KAFKA_REFUSED: "Kafka rejected the sink's credentials or permissions.",
    SINK_OFFSET_GONE: 'Kafka no longer has the next offset of the store.',
    SINK_TOPIC_RECREATED: 'The topic was deleted and created again since its offset was stored.',
    SQL_INVALID: 'A statement follows the grammar and still makes no sense.',
    SQL_SYNTAX: 'A statement does not follow the grammar.',
    SQL_TOO_LARGE: 'A statement is too long or nested too deeply.',
    STATE_CORRUPT: 'The state of an embedded query cannot be read.',
    STORE_ACCESS_DENIED: 'The customer store rejected the credentials.',
    STORE_DATABASE_MISSING: 'The database of the customer store does not exist.',
    STORE_FAILED: 'The customer store answered with an unexpected error.',
    STORE_FOLDER_FOREIGN: 'The folder of the embedded store belongs to something else.',
    STORE_FOLDER_IN_USE: 'Another process uses the folder of the embedded store.',
    STORE_PORT_TAKEN: 'The port of the embedded store cannot be used.',
    STORE_PRIVILEGE_MISSING: 'The role lacks a privilege in the customer store.',
    STORE_SCHEMA_CHANGED: 'A schema file differs from the one that was applied.',
    STORE_SCHEMA_MISSING: "The customer store's schema is not complete.",
    STORE_SCHEMA_NEWER: 'The customer store was migrated by a newer version.',
    STORE_SCHEMA_WRONG: 'The customer store does not have the expected schema.',
    STORE_START_FAILED: 'The embedded store did not start.',
    STORE_URL_INVALID: 'The address of the customer store is wrong.',
    TEST_FILE: 'A SQL test file is wrong.',
    UNDO_CHANGED: 'The history or an undo file changed after the confirmation.',
    UNDO_FAILED: 'An undo file failed.',
    UNDO_MISSING: 'A migration has no undo file.',
    UNDO_UNFINISHED: 'An earlier undo is unfinished.',
  }),
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
