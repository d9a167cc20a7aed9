import type { SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import type { DataSource } from './data-source.js';

/** The sources that a persistent query reads, and the sink that it writes. */
export interface QueryLink {
  readonly id: string;
  readonly sources: readonly string[];
  readonly sink?: string;
}

/** ksqlDB's metastore: the sources, the custom types, and the queries that read or write each source. */
export class Catalog {
  readonly #sources: Map<string, DataSource>;
  readonly #types: Map<string, SqlType>;
  readonly #queries: Map<string, QueryLink>;
  /** The inputs of each CREATE ... AS SELECT. A source cannot be dropped while another one derives from it. */
  readonly #derivedFrom: Map<string, readonly string[]>;

  constructor(other?: Catalog) {
    this.#sources = new Map(other?.sourcesByName());
    this.#types = new Map(other?.types());
    this.#queries = new Map(other === undefined ? [] : other.#queries);
    this.#derivedFrom = new Map(other === undefined ? [] : other.#derivedFrom);
  }

  /** Returns an independent copy. */
  copy(): Catalog {
    return new Catalog(this);
  }

  source(name: string): DataSource | undefined {
    return this.#sources.get(name);
  }

  /** All sources in the order of their creation. */
  sources(): readonly DataSource[] {
    return [...this.#sources.values()];
  }

  sourcesByName(): ReadonlyMap<string, DataSource> {
    return this.#sources;
  }

  types(): ReadonlyMap<string, SqlType> {
    return this.#types;
  }

  /** Ids of the persistent queries that read the source. */
  readers(name: string): readonly string[] {
    return [...this.#queries.values()].filter((q) => q.sources.includes(name)).map((q) => q.id);
  }

  /** Ids of the persistent queries that write to the source. */
  writers(name: string): readonly string[] {
    return [...this.#queries.values()].filter((q) => q.sink === name).map((q) => q.id);
  }

  /** Names of the sources that a CREATE ... AS SELECT derives from this one. */
  derived(name: string): readonly string[] {
    return [...this.#derivedFrom].filter(([, from]) => from.includes(name)).map(([to]) => to);
  }

  /** A hint for an unknown name: the sources whose names differ only in case. Empty if there are none. */
  alternatives(name: string, kind?: DataSource['kind']): string {
    const matches = this.sources()
      .filter((s) => s.name.toUpperCase() === name.toUpperCase() && (kind === undefined || s.kind === kind))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const only = matches[0];
    if (only === undefined) return '';
    const hint = 'Hint: wrap the source name in double quotes to make it case-sensitive.';
    if (matches.length === 1) {
      return only.name === only.name.toUpperCase()
        ? `\nDid you mean ${only.name}? Hint: try removing double quotes from the source name.`
        : `\nDid you mean "${only.name}"? ${hint}`;
    }
    const named = matches.map((s) => `"${s.name}" (${s.kind})`);
    const last = named.pop();
    return `\nDid you mean ${named.join(', ')}${named.length > 1 ? ',' : ''} or ${last}? ${hint}`;
  }

  put(source: DataSource, derivedFrom?: readonly string[]): void {
    this.#sources.set(source.name, source);
    if (derivedFrom !== undefined) this.#derivedFrom.set(source.name, derivedFrom);
  }

  remove(name: string): void {
    if (!this.#sources.delete(name)) throw new KsqlException(`No data source with name ${name} exists.`);
    this.#derivedFrom.delete(name);
  }

  putType(name: string, type: SqlType): void {
    this.#types.set(name, type);
  }

  removeType(name: string): boolean {
    return this.#types.delete(name);
  }

  putQuery(link: QueryLink): void {
    this.#queries.set(link.id, link);
  }

  removeQuery(id: string): void {
    this.#queries.delete(id);
  }
}
