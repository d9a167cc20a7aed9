import type { Column } from '../schema/schema.js';
import type { Format, FormatProperties, WrappingFeature } from './format.js';
import { checkKeyColumns, checkProperties, schemaNotSupported } from './validation.js';

/**
 * Creates the `validate` of a format. It checks properties, then key columns, then types that the format does not
 * support, whose message includes the schema.
 *
 * @param supported the names of the properties that the format supports
 */
export function checkedSchema(
  supported: readonly string[],
  checkColumns: (columns: readonly Column[], properties: FormatProperties, isKey: boolean) => void,
): Format['validate'] {
  return function validate(this: Format, columns, properties, isKey, feature) {
    checkProperties(this.name, properties, supported);
    if (isKey) checkKeyColumns(columns);
    try {
      checkColumns(columns, properties, isKey);
    } catch (error) {
      throw schemaNotSupported(
        this.name,
        columns,
        isKey,
        feature ?? defaultFeature(this, columns, isKey),
        error,
      );
    }
  };
}

function defaultFeature(format: Format, columns: readonly Column[], isKey: boolean): WrappingFeature | null {
  const chooses = format.wrapping.wrap && format.wrapping.unwrap;
  return isKey && columns.length === 1 && chooses ? 'UNWRAP_SINGLES' : null;
}
