import { PaystreamError } from '../errors/paystream-error.js';

/**
 * What a failure of the store asks for:
 * - `retry`: the same work may succeed later (connection, serialisation, deadlock, shutdown, lack of resources);
 * - `bad-data`: a value cannot be stored, now or ever;
 * - `fatal`: a person must change something first (credentials, a missing table, another schema).
 */
export type StoreFailure = 'retry' | 'bad-data' | 'fatal';

/** SQLSTATE that the merge raises for a record that it refuses; its message is Paystream's own, without values. */
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

/** The SQLSTATE of a PostgreSQL error, else undefined. */
export function sqlState(error: unknown): string | undefined {
  const { code } = (error ?? {}) as ErrorLike;
  const isState =
    typeof code === 'string' &&
    code.length === SQLSTATE_LENGTH &&
    code === code.toUpperCase() &&
    'severity' in (error as object);
  return isState ? code : undefined;
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html, by class and then by single code.
const classes: Readonly<Record<string, StoreFailure>> = {
  '08': 'retry', // connection exception
  '0A': 'fatal', // feature not supported
  '21': 'bad-data', // cardinality violation
  '22': 'bad-data', // data exception
  '23': 'bad-data', // integrity constraint violation
  '25': 'retry', // invalid transaction state: read-only after a failover, idle timeout
  '26': 'retry', // a prepared statement that the server has forgotten
  '28': 'fatal', // invalid authorization
  '3D': 'fatal', // no such database
  '3F': 'fatal', // no such schema
  '40': 'retry', // rollback: serialisation, deadlock
  '42': 'fatal', // undefined table or column, insufficient privilege
  '53': 'retry', // insufficient resources
  '54': 'bad-data', // program limit exceeded
  '55': 'retry', // object not in prerequisite state: lock not available
  '57': 'retry', // operator intervention: shutdown, cancel
  '58': 'retry', // system error
  XX: 'retry', // internal error
};

const networkCalls = new Set(['connect', 'read', 'write', 'getaddrinfo']);

/** Failures of the network, and what the drivers say when a connection ends under them. */
function isNetworkFailure(error: ErrorLike): boolean {
  const { syscall, name, errors } = error;
  if (typeof syscall === 'string' && networkCalls.has(syscall)) return true;
  if (Array.isArray(errors)) return errors.some((inner) => isNetworkFailure(inner as ErrorLike));
  if (typeof name === 'string' && name.startsWith('KafkaJS')) return true;
  const message = String(error.message ?? '').toLowerCase();
  return message.includes('connection') || message.includes('timeout') || message.includes('socket');
}

/** Says what a failure asks for. Without SQLSTATE it is the network, or a fault of this program. */
export function classifyStoreFailure(error: unknown): StoreFailure {
  if (error instanceof PaystreamError) return 'fatal';
  const state = sqlState(error);
  if (state === REFUSED) return 'bad-data';
  if (state !== undefined) return classes[state.slice(0, 2)] ?? 'retry';
  const failure = (error ?? {}) as ErrorLike;
  // pg raises these two by itself, before any answer of the server: no try will mend them.
  const message = String(failure.message ?? '');
  if (message.includes('SASL') || message.includes('server does not support SSL')) return 'fatal';
  return isNetworkFailure(failure) ? 'retry' : 'fatal';
}

/** True when the connection that raised the error cannot be used again. */
export function isBrokenConnection(error: unknown): boolean {
  if (error instanceof PaystreamError) return false;
  const state = sqlState(error);
  if (state === undefined) return true;
  return ['08', '26', '57'].includes(state.slice(0, 2)) || state === '25P03' || state.startsWith('XX');
}

const reasons: Readonly<Record<string, string>> = {
  '22P02': 'a value has the wrong type, or is not JSON',
  '22P05': 'a text holds a character that PostgreSQL cannot store',
  '22003': 'a number is out of range',
  '22007': 'trxDate is not a date',
  '22008': 'trxDate is out of range',
  '22021': 'a text is not valid UTF-8',
  '22023': 'payments is not an array of objects',
  '23502': 'a field that must be there is missing',
};

/** The SQLSTATEs that records are known to be refused with. There may be others. */
export const knownRefusals: readonly string[] = [REFUSED, ...Object.keys(reasons)];

/**
 * Why a record was refused, for a dead letter or a log: never PostgreSQL's own message, which repeats the value
 * (and so could repeat a card number).
 */
export function badDataReason(error: unknown): { readonly reason: string; readonly sqlState: string } {
  const state = sqlState(error) ?? 'unknown';
  const { message, constraint } = error as ErrorLike;
  if (state === REFUSED && typeof message === 'string') return { reason: message, sqlState: state };
  const known = reasons[state] ?? 'PostgreSQL refused the record';
  return {
    reason: typeof constraint === 'string' ? `${known} (constraint ${constraint})` : known,
    sqlState: state,
  };
}

/** A failure in words that are safe to log: code and kind, and PostgreSQL's message only where it holds no data. */
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

/** The error that ends a sink or a command: what failed, where, and what to do. */
export function fatalStoreError(error: unknown, where: string): PaystreamError {
  if (error instanceof PaystreamError) return error;
  const state = sqlState(error);
  const details = { where, cause: error };
  const text = describeStoreFailure(error);
  const message = String((error as ErrorLike | null)?.message ?? '');
  if (state?.startsWith('28') || message.includes('SASL')) {
    return new PaystreamError('STORE_ACCESS_DENIED', `The store refused the credentials (${text}).`, {
      ...details,
      hint: 'Check user and password of the database URL, and pg_hba.conf of the server.',
    });
  }
  const { code } = (error ?? {}) as ErrorLike;
  // https://nodejs.org/api/errors.html#openssl-error-codes: certificate errors have names of their own.
  if (
    state === undefined &&
    (message.includes('does not support SSL') ||
      (typeof code === 'string' && /CERT|ALTNAME|SELF_SIGNED|UNABLE_TO|^ERR_SSL|^ERR_TLS/.test(code)))
  ) {
    return new PaystreamError('STORE_TLS', `The TLS connection to the store failed (${text}).`, {
      ...details,
      hint: 'Check store.tls in paystream.yaml: the CA, the dates, and that the address is in the server’s certificate.',
    });
  }
  if (state === '3D000') {
    return new PaystreamError('STORE_DATABASE_MISSING', `The store has no such database (${text}).`, {
      ...details,
      hint: 'Create the database, or correct its name in the database URL.',
    });
  }
  if (state === '42501') {
    return new PaystreamError('STORE_PRIVILEGE_MISSING', `The store role lacks a privilege (${text}).`, {
      ...details,
      hint: 'Grant it with `paystream store migrate --sink-role <role>`, run by the owner of the tables.',
    });
  }
  if (state?.startsWith('42') || state === '3F000') {
    return new PaystreamError('STORE_SCHEMA_WRONG', `The store's schema is not the expected one (${text}).`, {
      ...details,
      hint: 'Run `paystream store migrate` against this database, and check its search_path.',
    });
  }
  return new PaystreamError('STORE_FAILED', `The store failed (${text}).`, {
    ...details,
    hint: 'Check the database URL and the log of the server.',
  });
}
