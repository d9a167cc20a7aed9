import type { SideFormat } from '../catalog/data-source.js';
import { keyWrapping } from '../catalog/key-format.js';
import type { FormatProperties } from '../formats/format.js';
import { formatNamed, valueWrapping } from '../formats/index.js';
import type { LogicalSchema } from '../schema/schema.js';

/** Checks that a format can hold the key columns, and returns the format of the key. */
export function keySide(format: string, properties: FormatProperties, schema: LogicalSchema): SideFormat {
  const side: SideFormat = { format, properties, ...keyWrapping(format, schema.key.length) };
  formatNamed(format).validate(schema.key, properties, true);
  return side;
}

/** Checks that a format can hold the value columns, and returns the format of the value. `wrap` is WRAP_SINGLE_VALUE. */
export function valueSide(
  format: string,
  properties: FormatProperties,
  schema: LogicalSchema,
  wrap: boolean | undefined,
  config: ReadonlyMap<string, string>,
): SideFormat {
  const known = formatNamed(format);
  const configured = config.get('ksql.persistence.wrap.single.values');
  const byConfig = configured === undefined || configured === '' ? null : configured === 'true';
  const feature = valueWrapping(known, schema.value.length, wrap ?? null, byConfig);
  known.validate(schema.value, properties, false);
  return { format, properties, ...(feature === null ? {} : { wrapSingle: feature === 'WRAP_SINGLES' }) };
}
