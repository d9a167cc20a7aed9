/**
 * The interface to the customer store, for every kind of PostgreSQL.
 *
 * Values are returned as PostgreSQL's text, except `boolean` and 32-bit integers: 64-bit ids, amounts, dates and
 * JSON never pass through a JavaScript number or a JSON parser.
 */

/** A statement parameter. Arrays become PostgreSQL arrays. Pass 64-bit numbers as string or bigint. */
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
  /** The number of rows returned, or rows affected if the statement returns none. */
  readonly rowCount: number;
}

export interface StoreQueryOptions {
  /** Prepares the statement under this name, once per connection. */
  readonly name?: string;
}

export interface StoreConnection {
  /** Runs one statement. */
  query<Row = Readonly<Record<string, string | null>>>(
    text: string,
    values?: readonly StoreValue[],
    options?: StoreQueryOptions,
  ): Promise<StoreResult<Row>>;
  /** Runs several statements without parameters and discards their results. */
  script(text: string): Promise<void>;
}

export interface TransactionOptions {
  /** `SET LOCAL` settings, sent together with BEGIN. Names and values are not quoted: use constants only. */
  readonly settings?: Readonly<Record<string, string>>;
  /** When aborted, the running statement is cancelled and the transaction is rolled back. */
  readonly signal?: AbortSignal;
}

export interface Store extends StoreConnection {
  readonly kind: 'postgres' | 'pglite';
  /** Address for messages, without credentials. */
  readonly address: string;
  /** Runs `work` in one transaction: commits when it resolves, rolls back when it rejects. */
  transaction<T>(work: (tx: StoreConnection) => Promise<T>, options?: TransactionOptions): Promise<T>;
  close(): Promise<void>;
}
