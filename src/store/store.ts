/**
 * The one interface through which Paystream talks to the customer store, whichever PostgreSQL is behind it.
 *
 * Values come back as PostgreSQL's own text, except `boolean` and 32-bit integers: 64-bit ids, amounts, dates
 * and JSON never pass through a JavaScript number or a JSON parser.
 */

/** A parameter of a statement. Arrays become PostgreSQL arrays; 64-bit numbers are given as text or bigint. */
export type StoreValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly string[]
  | readonly number[]
  | readonly bigint[];

export interface StoreResult<Row> {
  readonly rows: readonly Row[];
  /** Rows returned or, for a statement that returns none, rows touched. */
  readonly rowCount: number;
}

export interface StoreQueryOptions {
  /** A name under which the connection keeps the statement parsed and planned. */
  readonly name?: string;
}

export interface StoreConnection {
  /** Runs one statement. */
  query<Row = Readonly<Record<string, string | null>>>(
    text: string,
    values?: readonly StoreValue[],
    options?: StoreQueryOptions,
  ): Promise<StoreResult<Row>>;
  /** Runs several statements, without parameters, and drops their results. */
  script(text: string): Promise<void>;
}

export interface TransactionOptions {
  /** `SET LOCAL` for this transaction, sent together with BEGIN. Fixed text only: names and values are not quoted. */
  readonly settings?: Readonly<Record<string, string>>;
  /** When aborted, a statement that is still running is cancelled, and the transaction rolled back. */
  readonly signal?: AbortSignal;
}

export interface Store extends StoreConnection {
  readonly kind: 'postgres' | 'pglite';
  /** Where it is, without credentials, for messages. */
  readonly address: string;
  /** Runs `work` in one transaction: commits when it resolves, rolls back when it rejects. */
  transaction<T>(work: (tx: StoreConnection) => Promise<T>, options?: TransactionOptions): Promise<T>;
  close(): Promise<void>;
}
