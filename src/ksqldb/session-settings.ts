import type { Statement } from '../sql/ast.js';

/** What a ksqlDB session keeps on the client's side: properties of SET, variables of DEFINE, sent with each request. */
export class SessionSettings {
  readonly #properties: Map<string, string>;
  readonly #variables: Map<string, string>;

  constructor(
    initial: {
      readonly properties?: Readonly<Record<string, string>> | undefined;
      readonly variables?: Readonly<Record<string, string>> | undefined;
    } = {},
  ) {
    this.#properties = new Map(Object.entries(initial.properties ?? {}));
    this.#variables = new Map(Object.entries(initial.variables ?? {}));
  }

  get variables(): ReadonlyMap<string, string> {
    return this.#variables;
  }

  /** As a request carries them. */
  get request() {
    return {
      properties: Object.fromEntries(this.#properties),
      variables: Object.fromEntries(this.#variables),
    };
  }

  /** Takes SET, UNSET, DEFINE and UNDEFINE in; false for any other statement. */
  take(statement: Statement): boolean {
    switch (statement.kind) {
      case 'SetProperty':
        this.#properties.set(statement.property, statement.value);
        return true;
      case 'UnsetProperty':
        this.#properties.delete(statement.property);
        return true;
      case 'Define':
        this.#variables.set(statement.name, statement.value);
        return true;
      case 'Undefine':
        this.#variables.delete(statement.name);
        return true;
      default:
        return false;
    }
  }
}
