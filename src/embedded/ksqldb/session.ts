/** The properties and variables that a request sends along with its statements. */
export interface Session {
  /** Properties that override the server's, such as `auto.offset.reset`. */
  readonly properties: ReadonlyMap<string, string>;
  /** Variables set with DEFINE. */
  readonly variables: ReadonlyMap<string, string>;
}

export const emptySession: Session = { properties: new Map(), variables: new Map() };
