/** One form for schema texts that say the same: the registry gives them the same id. */

export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON';

/** A schema that is used by another one, by the name under which that one imports or names it. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

export interface SchemaText {
  readonly schemaType: SchemaType;
  readonly schema: string;
  readonly references?: readonly SchemaReference[];
}

/** What the registry keeps: JSON without blanks, Protobuf as it was written. */
export function storedText({ schemaType, schema }: SchemaText): string {
  if (schemaType === 'PROTOBUF') return schema;
  const text = schema.trim();
  return text.startsWith('{') || text.startsWith('[') || text.startsWith('"')
    ? minifyJson(text)
    : `"${text}"`;
}

/** Equal for schemas that are one and the same. */
export function identity(schema: SchemaText): string {
  const text = schema.schemaType === 'PROTOBUF' ? minifyWords(schema.schema) : storedText(schema);
  return JSON.stringify([schema.schemaType, text, schema.references ?? []]);
}

/** Numbers keep their digits, which a parser would change. */
function minifyJson(text: string): string {
  let out = '';
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (inString) {
      out += c;
      if (c === '\\') out += text[++i] ?? '';
      else if (c === '"') inString = false;
    } else if (c.trim() !== '') {
      out += c;
      if (c === '"') inString = true;
    }
  }
  return out;
}

function minifyWords(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/ ?([{}()[\];=,<>]) ?/g, '$1')
    .trim();
}
