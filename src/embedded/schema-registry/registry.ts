import { type AvroNode, AvroSchemaError, parseAvroSchema } from './avro-schema.js';
import {
  type ComparedSchema,
  type CompatibilityLevel,
  compatibilityLevels,
  compatibilityProblems,
} from './compatibility.js';
import {
  incompatible,
  invalidCompatibility,
  invalidMode,
  invalidSchema,
  noSubjectConfig,
  noSubjectMode,
  notPermitted,
  referenceExists,
  schemaNotFound,
  subjectNotDeleted,
  subjectNotFound,
  subjectSoftDeleted,
  versionNotDeleted,
  versionNotFound,
  versionSoftDeleted,
} from './errors.js';
import { memoryJournal, type RegistryChange, type RegistryJournal } from './journal.js';
import { ProtoSyntaxError, parseProtoFile } from './proto-file.js';
import { type RegisteredSchema, type RegistryMode, registryModes } from './registered-schema.js';
import { identity, type SchemaReference, type SchemaText, storedText } from './schema-text.js';

export interface RegistryOptions {
  /** BACKWARD unless told otherwise, as Confluent's registry. */
  readonly compatibility?: CompatibilityLevel;
  readonly journal?: RegistryJournal;
}

interface Entry extends RegisteredSchema {
  readonly deleted: boolean;
}

/** Schemas by subject and version, and by id, with the checks that Confluent's Schema Registry makes. */
export class SchemaRegistry {
  readonly #journal: RegistryJournal;
  /** By subject; versions in order. */
  readonly #subjects = new Map<string, Entry[]>();
  readonly #byId = new Map<number, SchemaText>();
  readonly #ids = new Map<string, number>();
  readonly #levels = new Map<string, CompatibilityLevel>();
  readonly #modes = new Map<string, RegistryMode>();
  #nextId = 1;
  #level: CompatibilityLevel;
  #mode: RegistryMode = 'READWRITE';

  constructor(options: RegistryOptions = {}) {
    this.#level = options.compatibility ?? 'BACKWARD';
    this.#journal = options.journal ?? memoryJournal;
    for (const change of this.#journal.read()) this.#apply(change);
  }

  /**
   * Adds a version to a subject, unless one of its versions is the same schema, and returns the schema's id.
   *
   * @param fixed an id (and version) that the schema must get: for imports and tests
   * @throws RegistryError 42201, 42205, 409
   */
  register(subject: string, text: SchemaText, fixed: { id?: number; version?: number } = {}): number {
    const schema: SchemaText = { ...text, schema: storedText(text), references: text.references ?? [] };
    const mode = this.mode(subject);
    if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE') {
      throw notPermitted(`Subject ${subject} in read-only mode`);
    }
    this.#check(schema);
    const key = identity(schema);
    const versions = this.#subjects.get(subject) ?? [];
    const same = versions.find((entry) => !entry.deleted && identity(entry) === key);
    if (same !== undefined && (fixed.id === undefined || fixed.id === same.id)) return same.id;
    const problems = this.problems(subject, schema);
    if (problems.length > 0) throw incompatible(subject, problems);
    const known = this.#ids.get(key);
    if (fixed.id !== undefined) {
      const other = this.#byId.get(fixed.id);
      if (other !== undefined && identity(other) !== key) {
        throw notPermitted(`Overwrite new schema with id ${fixed.id} is not permitted.`);
      }
    }
    const id = fixed.id ?? known ?? this.#nextId;
    const version = fixed.version ?? (versions.at(-1)?.version ?? 0) + 1;
    this.#commit({ op: 'schema', subject, version, id, ...schema, references: schema.references ?? [] });
    return id;
  }

  /** @throws RegistryError 40403 */
  byId(id: number): SchemaText {
    const found = this.#byId.get(id);
    if (found === undefined) throw schemaNotFound(id);
    return found;
  }

  /** The newest version, or undefined. */
  findLatest(subject: string): RegisteredSchema | undefined {
    return this.#subjects.get(subject)?.findLast((entry) => !entry.deleted);
  }

  /** @throws RegistryError 40401, 40402 */
  version(subject: string, version: number | 'latest', deleted = false): RegisteredSchema {
    const entries = this.#entries(subject, deleted);
    const found = version === 'latest' ? entries.at(-1) : entries.find((entry) => entry.version === version);
    if (found === undefined) throw versionNotFound(version);
    return found;
  }

  subjects(deleted: 'no' | 'too' | 'only' = 'no'): string[] {
    const wanted = (entries: readonly Entry[]) => {
      const live = entries.some((entry) => !entry.deleted);
      return deleted === 'too' || (deleted === 'no' ? live : !live);
    };
    return [...this.#subjects].filter(([, entries]) => wanted(entries)).map(([subject]) => subject);
  }

  /** @throws RegistryError 40401 */
  versions(subject: string, deleted = false): number[] {
    return this.#entries(subject, deleted).map(({ version }) => version);
  }

  /** All versions of all subjects. */
  all(deleted = false): RegisteredSchema[] {
    return [...this.#subjects.values()].flat().filter((entry) => deleted || !entry.deleted);
  }

  /**
   * The version of the subject that is this schema.
   *
   * @throws RegistryError 40401, 40403
   */
  lookup(subject: string, text: SchemaText, deleted = false): RegisteredSchema {
    const schema = { ...text, schema: storedText(text) };
    this.#check(schema);
    const key = identity(schema);
    const found = this.#entries(subject, deleted).findLast((entry) => identity(entry) === key);
    if (found === undefined) throw schemaNotFound();
    return found;
  }

  /** @throws RegistryError 40401, 40404, 40405, 42206 */
  deleteSubject(subject: string, permanent: boolean): number[] {
    const entries = this.#subjects.get(subject) ?? [];
    if (entries.length === 0) throw subjectNotFound(subject);
    const live = entries.filter((entry) => !entry.deleted);
    if (!permanent && live.length === 0) throw subjectSoftDeleted(subject);
    if (permanent && live.length > 0) throw subjectNotDeleted(subject);
    for (const { version } of live) this.#checkUnreferenced(subject, version);
    const doomed = permanent ? entries : live;
    const versions = doomed.map(({ version }) => version);
    for (const version of versions) this.#commit({ op: 'delete', subject, version, permanent });
    return versions;
  }

  /** @throws RegistryError 40401, 40402, 40406, 40407, 42206 */
  deleteVersion(subject: string, wanted: number | 'latest', permanent: boolean): number {
    const { version } = this.version(subject, wanted, true);
    const entry = this.#subjects.get(subject)!.find((each) => each.version === version)!;
    if (!permanent && entry.deleted) throw versionSoftDeleted(subject, version);
    if (permanent && !entry.deleted) throw versionNotDeleted(subject, version);
    this.#checkUnreferenced(subject, version);
    this.#commit({ op: 'delete', subject, version, permanent });
    return version;
  }

  /** The ids of the schemas that refer to a version. */
  referencedBy(subject: string, version: number): number[] {
    const refers = (entry: RegisteredSchema) =>
      entry.references.some((each) => each.subject === subject && each.version === version);
    return [
      ...new Set(
        this.all()
          .filter(refers)
          .map(({ id }) => id),
      ),
    ];
  }

  /** What stands against a schema as the subject's next version, by the subject's level. */
  problems(subject: string, text: SchemaText, against?: number | 'latest'): string[] {
    this.#check(text);
    const level = this.compatibility(subject);
    const earlier =
      against === undefined
        ? (this.#subjects.get(subject) ?? []).filter((entry) => !entry.deleted)
        : [this.version(subject, against)];
    return compatibilityProblems(
      level,
      this.#compared(text),
      earlier.map((entry) => this.#compared(entry)),
    );
  }

  compatibility(subject?: string): CompatibilityLevel {
    return (subject === undefined ? undefined : this.#levels.get(subject)) ?? this.#level;
  }

  /** @throws RegistryError 40408 if the subject has no level of its own */
  ownCompatibility(subject: string): CompatibilityLevel {
    const level = this.#levels.get(subject);
    if (level === undefined) throw noSubjectConfig(subject);
    return level;
  }

  /**
   * @param subject null: for all that have no level of their own
   * @param level null: the subject follows the rest again
   * @throws RegistryError 42203
   */
  setCompatibility(subject: string | null, level: string | null): void {
    const known = compatibilityLevels.find((each) => each === level?.toUpperCase());
    if (level !== null && known === undefined) throw invalidCompatibility();
    this.#commit({ op: 'config', subject, level: known ?? null });
  }

  mode(subject?: string): RegistryMode {
    return (subject === undefined ? undefined : this.#modes.get(subject)) ?? this.#mode;
  }

  /** @throws RegistryError 40409 */
  ownMode(subject: string): RegistryMode {
    const mode = this.#modes.get(subject);
    if (mode === undefined) throw noSubjectMode(subject);
    return mode;
  }

  /** @throws RegistryError 42204 */
  setMode(subject: string | null, mode: string | null): void {
    const known = registryModes.find((each) => each === mode?.toUpperCase());
    if (mode !== null && known === undefined) throw invalidMode();
    this.#commit({ op: 'mode', subject, mode: known ?? null });
  }

  /** The texts of the schemas that a schema refers to, by their names; those they refer to come first. */
  dependencies(schema: Pick<SchemaText, 'references'>): Map<string, string> {
    const found = new Map<string, string>();
    const visit = (references: readonly SchemaReference[], depth: number): void => {
      if (depth > 100) throw invalidSchema('references go round in circles');
      for (const { name, subject, version } of references) {
        if (found.has(name)) continue;
        const target = this.version(subject, version, true);
        visit(target.references, depth + 1);
        found.set(name, target.schema);
      }
    };
    visit(schema.references ?? [], 0);
    return found;
  }

  close(): void {
    this.#journal.close();
  }

  #entries(subject: string, deleted: boolean): Entry[] {
    const entries = (this.#subjects.get(subject) ?? []).filter((entry) => deleted || !entry.deleted);
    if (entries.length === 0) throw subjectNotFound(subject);
    return entries;
  }

  #checkUnreferenced(subject: string, version: number): void {
    if (this.referencedBy(subject, version).length > 0) throw referenceExists(`${subject}:${version}`);
  }

  #compared(text: SchemaText): ComparedSchema {
    const { schemaType, schema } = text;
    return { schemaType, schema, dependencies: [...this.dependencies(text).values()] };
  }

  /** @throws RegistryError 42201 unless the text is a schema of its type and its references exist */
  #check(text: SchemaText): void {
    const dependencies = this.dependencies(text);
    try {
      if (text.schemaType === 'AVRO') {
        const known = new Map<string, AvroNode>();
        for (const schema of dependencies.values()) parseAvroSchema(schema, known);
        parseAvroSchema(text.schema, known);
      } else if (text.schemaType === 'PROTOBUF') parseProtoFile(text.schema);
      else JSON.parse(text.schema);
    } catch (error) {
      if (
        error instanceof AvroSchemaError ||
        error instanceof ProtoSyntaxError ||
        error instanceof SyntaxError
      ) {
        throw invalidSchema(`${error.message} (type ${text.schemaType})`);
      }
      throw error;
    }
  }

  /** Written first, so that what a caller saw is never lost. */
  #commit(change: RegistryChange): void {
    this.#journal.append(change);
    this.#apply(change);
  }

  #apply(change: RegistryChange): void {
    switch (change.op) {
      case 'schema': {
        const { op: _, ...schema } = change;
        const entries = this.#subjects.get(change.subject) ?? [];
        this.#subjects.set(
          change.subject,
          [
            ...entries.filter((entry) => entry.version !== change.version),
            { ...schema, deleted: false },
          ].sort((a, b) => a.version - b.version),
        );
        const text = { schemaType: change.schemaType, schema: change.schema, references: change.references };
        this.#byId.set(change.id, text);
        this.#ids.set(identity(text), change.id);
        this.#nextId = Math.max(this.#nextId, change.id + 1);
        return;
      }
      case 'delete': {
        const entries = this.#subjects.get(change.subject) ?? [];
        const kept = change.permanent
          ? entries.filter((entry) => entry.version !== change.version)
          : entries.map((entry) => (entry.version === change.version ? { ...entry, deleted: true } : entry));
        if (kept.length === 0) this.#subjects.delete(change.subject);
        else this.#subjects.set(change.subject, kept);
        return;
      }
      case 'config':
        if (change.subject === null) this.#level = change.level ?? 'BACKWARD';
        else if (change.level === null) this.#levels.delete(change.subject);
        else this.#levels.set(change.subject, change.level);
        return;
      case 'mode':
        if (change.subject === null) this.#mode = change.mode ?? 'READWRITE';
        else if (change.mode === null) this.#modes.delete(change.subject);
        else this.#modes.set(change.subject, change.mode);
    }
  }
}
