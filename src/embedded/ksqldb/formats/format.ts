/** A key or value format, which converts columns to bytes and back. */
import type { Column } from '../schema/schema.js';
import type { Value } from '../types/value.js';
import type { RegistryClient } from './registry/registry-client.js';

/** Properties from the WITH clause: delimiter, schema id, full schema name, representation of nulls. */
export interface FormatProperties {
  readonly [name: string]: string;
}

export interface SerdeOptions {
  readonly columns: readonly Column[];
  readonly properties: FormatProperties;
  /** For a single column only: true if it is wrapped in a record, false if it is written alone. */
  readonly wrapSingle: boolean;
  readonly topic: string;
  readonly isKey: boolean;
  /** Required by the formats whose records refer to a registered schema. */
  readonly registry?: RegistryClient;
}

/** Serializes and deserializes keys or values of a topic's records. Created once per topic. */
export interface Serde {
  /**
   * Returns the values of the columns in order, or null for null bytes, which mean that there is no row.
   * Throws DeserializeError if the bytes cannot be decoded.
   */
  deserialize(bytes: Buffer | null): Value[] | null;
  /** Returns null for a null row. Throws SerializeError if a value does not fit the format. */
  serialize(values: readonly Value[] | null): Buffer | null;
}

/** The wrapping as a ksqlDB serde feature. No feature means the default of the format. */
export type WrappingFeature = 'WRAP_SINGLES' | 'UNWRAP_SINGLES';

export interface Format {
  /** JSON, DELIMITED, KAFKA, NONE, AVRO, PROTOBUF, PROTOBUF_NOSR, JSON_SR. */
  readonly name: string;
  readonly supportsKey: boolean;
  readonly supportsSchemaInference: boolean;
  /** Which values of WRAP_SINGLE_VALUE are allowed, and the default. */
  readonly wrapping: { readonly wrap: boolean; readonly unwrap: boolean; readonly byDefault: boolean };
  /**
   * Throws a KsqlException with ksqlDB's text if the format does not support the columns or a property.
   *
   * `feature` is the wrapping that the text mentions (default: that of the format).
   */
  validate(
    columns: readonly Column[],
    properties: FormatProperties,
    isKey: boolean,
    feature?: WrappingFeature | null,
  ): void;
  createSerde(options: SerdeOptions): Serde;
}
