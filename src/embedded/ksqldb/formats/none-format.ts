import { KsqlException } from '../errors.js';
import type { Format } from './format.js';
import { checkedSchema } from './schema-check.js';
import { columnListText } from './validation.js';
import { voidSerde } from './void-serde.js';

/** The NONE format: no data, for a key without columns. */
export const noneFormat: Format = {
  name: 'NONE',
  supportsKey: true,
  supportsSchemaInference: false,
  wrapping: { wrap: false, unwrap: false, byDefault: false },
  validate: checkedSchema([], (columns, _properties, isKey) => {
    if (columns.length === 0) return;
    throw new KsqlException(
      `The 'NONE' format can only be used when no columns are defined. Got: ${columnListText(columns, isKey)}`,
    );
  }),
  createSerde: () => voidSerde,
};
