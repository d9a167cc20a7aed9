import { PaystreamError } from '../errors/paystream-error.js';
import { tlsFailure } from '../errors/tls-failure.js';

/**
 * How to react to a store failure:
 * - `retry`: the same work may succeed later (connection, serialization, deadlock, shutdown, lack of resources);
 * - `bad-data`: a value can never be stored;
 * - `fatal`: a person must fix something first (credentials, a missing table, a different schema).
 */
export type StoreFailure = 'retry' | 'bad-data' | 'fatal';

/** The SQLSTATE that the merge raises to reject a record. Its message comes from Paystream and contains no values. */
export const REFUSED = 'PS001';

interface ErrorLike {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly constraint?: unknown;
  readonly column?: unknown;
  readonly errors?: unknown;
  readonly syscall?: unknown;
  readonly name?: unknown;
}

const SQLSTATE_LENGTH = 5;

/** The SQLSTATE of a PostgreSQL error; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const { code } = (error ?? {}) as ErrorLike;
  const isState =
    typeof code === 'string' &&
    code.length === SQLSTATE_LENGTH &&
    code === code.toUpperCase() &&
    'severity' in (error as object);
  return isState ? code : undefined;
}

// By class: https://www.postgresql.org/docs/current/errcodes-appendix.html
const classes: Readonly<Record<string, StoreFailure>> = {
  '08': 'retry', // connection exception
  '0A': 'fatal', // feature not supported
  '21': 'bad-data', // cardinality violation
  '22': 'bad-data', // data exception
  '23': 'bad-data', // integrity constraint violation
  '25': 'retry', // invalid transaction state: read-only after a failover, idle timeout
  '26': 'retry', // invalid SQL statement name: the server lost a prepared statement
  '28': 'fatal', // invalid authorization
  '3D': 'fatal', // invalid catalog name: no such database
  '3F': 'fatal', // invalid schema name
  '40': 'retry', // transaction rollback: serialization failure, deadlock
  '42': 'fatal', // undefined table or column, insufficient privilege
  '53': 'retry', // insufficient resources
  '54': 'bad-data', // program limit exceeded
  '55': 'retry', // object not in prerequisite state: lock not available
  '57': 'retry', // operator intervention: shutdown, cancel
  '58': 'retry', // system error
  XX: 'retry', // internal error
};

const networkCalls = new Set(['connect', 'read', 'write', 'getaddrinfo']);

/** Recognizes network failures, and the errors that drivers raise when they lose a connection. */
function isNetworkFailure(error: ErrorLike): boolean {
  const { syscall, name, errors } = error;
  if (typeof syscall === 'string' && networkCalls.has(syscall)) return true;
  if (Array.isArray(errors)) return errors.some((inner) => isNetworkFailure(inner as ErrorLike));
  if (typeof name === 'string' && name.startsWith('KafkaJS')) return true;
  const message = String(error.message ?? '').toLowerCase();
  return message.includes('connection') || message.includes('timeout') || message.includes('socket');
}

/** Decides how to react to a failure. An error without SQLSTATE comes from the network or is a bug. */
export function classifyStoreFailure(error: unknown): StoreFailure {
  if (error instanceof PaystreamError) return 'fatal';
  const state = sqlState(error);
  if (state === REFUSED) return 'bad-data';
  if (state !== undefined) return classes[state.slice(0, 2)] ?? 'retry';
  const failure = (error ?? {}) as ErrorLike;
  // pg raises these two itself, before the server responds. A retry cannot fix them.
  const message = String(failure.message ?? '');
  if (message.includes('SASL') || message.includes('server does not support SSL')) return 'fatal';
  return isNetworkFailure(failure) ? 'retry' : 'fatal';
}

/** Whether the connection that raised the error is unusable. */
export function isBrokenConnection(error: unknown): boolean {
  if (error instanceof PaystreamError) return false;
  const state = sqlState(error);
  if (state === undefined) return true;
  return ['08', '26', '57'].includes(state.slice(0, 2)) || state === '25P03' || state.startsWith('XX');
}

const reasons: Readonly<Record<string, string>> = {
  '22P02': 'a value has the wrong type, or is not JSON',
  '22P05': 'a text contains a character that PostgreSQL cannot store',
  '22003': 'a number is out of range',
  '22007': 'trxDate is not a date',
  '22008': 'trxDate is out of range',
  '22021': 'a text is not valid UTF-8',
  '22023': 'payments is not an array of objects',
  '23502': 'a required field is missing',
};

/** The usual SQLSTATEs of rejected records. There may be others. */
export const knownRefusals: readonly string[] = [REFUSED, ...Object.keys(reasons)];

/**
 * Explains why a record was rejected, for a dead letter or a log. Never contains PostgreSQL's own message, which
 * repeats the value and so could repeat a card number.
 */
export function badDataReason(error: unknown): { readonly reason: string; readonly sqlState: string } {
  const state = sqlState(error) ?? 'unknown';
  const { message, constraint } = error as ErrorLike;
  if (state === REFUSED && typeof message === 'string') return { reason: message, sqlState: state };
  const known = reasons[state] ?? 'PostgreSQL rejected the record';
  return {
    reason: typeof constraint === 'string' ? `${known} (constraint ${constraint})` : known,
    sqlState: state,
  };
}

/** Describes a failure for the log: its code and PostgreSQL's message, unless the message may contain data. */
export function describeStoreFailure(error: unknown): string {
  const state = sqlState(error);
  if (state === undefined) {
    const { code, message, errors } = (error ?? {}) as ErrorLike;
    const inner = Array.isArray(errors) ? errors[0] : undefined;
    const text =
      String(message ?? '') || String((inner as ErrorLike | undefined)?.message ?? 'unknown failure');
    return typeof code === 'string' ? `${code}: ${text}` : text;
  }
  if (classifyStoreFailure(error) === 'bad-data') return `${state}: ${badDataReason(error).reason}`;
  return `${state}: ${String((error as ErrorLike).message)}`;
}

/** Turns a failure into the error that ends a sink or a command. */
export function fatalStoreError(error: unknown, where: string): PaystreamError {
  if (error instanceof PaystreamError) return error;
  const state = sqlState(error);
  const details = { where, cause: error };
  const text = describeStoreFailure(error);
  const message = String((error as ErrorLike | null)?.message ?? '');
  if (state?.startsWith('28') || message.includes('SASL')) {
    return new PaystreamError('STORE_ACCESS_DENIED', `The store refused the credentials (${text}).`, {
      ...details,
      hint: 'Check the user and password in the database URL, and pg_hba.conf on the server.',
    });
  }
  if (state === undefined && (message.includes('does not support SSL') || tlsFailure(error) !== undefined)) {
    return new PaystreamError('STORE_TLS', `The TLS connection to the store failed (${text}).`, {
      ...details,
      hint: 'Check store.tls in paystream.yaml: the CA, the expiry dates, and whether the server’s certificate contains its address.',
    });
  }
  if (state === '3D000') {
    return new PaystreamError('STORE_DATABASE_MISSING', `The database does not exist (${text}).`, {
      ...details,
      hint: 'Create the database, or correct its name in the database URL.',
    });
  }
  if (state === '42501') {
    return new PaystreamError('STORE_PRIVILEGE_MISSING', `The store's role lacks a privilege (${text}).`, {
      ...details,
      hint: 'Grant it with `paystream store migrate --sink-role <role>`, run as the owner of the tables.',
    });
  }
  if (state?.startsWith('42') || state === '3F000') {
    return new PaystreamError(
      'STORE_SCHEMA_WRONG',
      `The store does not have the expected schema (${text}).`,
      {
        ...details,
        hint: 'Run `paystream store migrate` on this database, and check its search_path.',
      },
    );
  }
  return new PaystreamError('STORE_FAILED', `The store failed (${text}).`, {
    ...details,
    hint: 'Check the database URL and the server log.',
  });
}
