import type { Statement } from '../sql/ast.js';

/** The client-side state of a ksqlDB session: SET properties and DEFINE variables, which each request carries. */
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

  /** The form that a request needs. */
  get request() {
    return {
      properties: Object.fromEntries(this.#properties),
      variables: Object.fromEntries(this.#variables),
    };
  }

  /** Applies SET, UNSET, DEFINE or UNDEFINE. Returns false for any other statement. */
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
