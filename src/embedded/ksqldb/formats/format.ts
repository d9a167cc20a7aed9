/** A record's key or value format: how columns become bytes, and back. */
import type { Column } from '../schema/schema.js';
import type { Value } from '../types/value.js';
import type { RegistryClient } from './registry/registry-client.js';

/** Written beside the columns, in the WITH clause: delimiter, schema id, full schema name, nullable representation. */
export interface FormatProperties {
  readonly [name: string]: string;
}

export interface SerdeOptions {
  readonly columns: readonly Column[];
  readonly properties: FormatProperties;
  /** True: a single column is a field of a record; false: it stands alone. Set only for one column. */
  readonly wrapSingle: boolean;
  readonly topic: string;
  readonly isKey: boolean;
  /** Needed by the formats whose records name a registered schema. */
  readonly registry?: RegistryClient;
}

/** Reads and writes one side of a topic's records. Made once for a topic, used for every record. */
export interface Serde {
  /**
   * The columns' values in order, or null where the bytes mean "no record at all" (null bytes).
   * Throws DeserializeError where the bytes cannot be read.
   */
  deserialize(bytes: Buffer | null): Value[] | null;
  /** Null for a null row. Throws SerializeError where a value does not fit. */
  serialize(values: readonly Value[] | null): Buffer | null;
}

/** As ksqlDB lists it among a topic's serde features. No feature: the format's own way. */
export type WrappingFeature = 'WRAP_SINGLES' | 'UNWRAP_SINGLES';

export interface Format {
  /** JSON, DELIMITED, KAFKA, NONE, AVRO, PROTOBUF, PROTOBUF_NOSR, JSON_SR. */
  readonly name: string;
  readonly supportsKey: boolean;
  readonly supportsSchemaInference: boolean;
  /** Whether WRAP_SINGLE_VALUE may be set to true and to false, and what it is if unset. */
  readonly wrapping: { readonly wrap: boolean; readonly unwrap: boolean; readonly byDefault: boolean };
  /**
   * Throws a KsqlException with ksqlDB's text if the columns cannot be carried, or a property is unknown.
   *
   * `feature` is what the text lists as the side's wrapping; if it is left out, what the format does by default.
   */
  validate(
    columns: readonly Column[],
    properties: FormatProperties,
    isKey: boolean,
    feature?: WrappingFeature | null,
  ): void;
  createSerde(options: SerdeOptions): Serde;
}
