/** What a request brings along with its statements. */
export interface Session {
  /** Properties that override the server's: `auto.offset.reset`, `ksql.streams.…`, as text. */
  readonly properties: ReadonlyMap<string, string>;
  /** Variables set with DEFINE. */
  readonly variables: ReadonlyMap<string, string>;
}

export const emptySession: Session = { properties: new Map(), variables: new Map() };
