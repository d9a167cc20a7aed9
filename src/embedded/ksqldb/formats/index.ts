/** The formats by name, and their properties in WITH clauses. */
export { delimitedFormat, parseDelimiter } from './delimited-format.js';
export type { Format, FormatProperties, Serde, SerdeOptions, WrappingFeature } from './format.js';
export { type FormatClause, formatProperties, inheritedProperties } from './format-properties.js';
export { formatNamed, formatNames } from './formats.js';
export { jsonFormat } from './json-format.js';
export { kafkaFormat } from './kafka-format.js';
export { noneFormat } from './none-format.js';
export { redactDigits } from './redact.js';
export { type RegistryClient, subjectOf } from './registry/registry-client.js';
export {
  checkInferredColumns,
  checkOneDefinition,
  type InferenceRequest,
  type InferredSchema,
  inferColumns,
  type RegistrationRequest,
  registerById,
  registerColumns,
} from './registry/schema-inference.js';
export { splitSession, splitTimeWindow, wrapSession, wrapTimeWindow } from './windowed-key.js';
export { keyWrapping, valueWrapping, wrapsSingle } from './wrapping.js';
