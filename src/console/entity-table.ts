import type { FieldDescription } from '../ksqldb/entities.js';
import { stringifyExact } from '../ksqldb/exact-json.js';
import { fieldTypeText } from '../ksqldb/field-type.js';
import type { Cell, WireColumn } from './wire.js';

export interface EntityTable {
  readonly columns: readonly WireColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** Texts that do not fit into a table, such as a statement. */
  readonly texts: readonly string[];
}

type Raw = Readonly<Record<string, unknown>>;

/** Converts a response to LIST or DESCRIBE to a table with a row for each entry. Undefined if it contains no list. */
export function tableOf(raw: Raw): EntityTable | undefined {
  const described = (raw.sourceDescription ?? raw.queryDescription) as Raw | undefined;
  if (described !== undefined) return describedTable(described);
  const list = Object.entries(raw).find(([name, value]) => name !== 'warnings' && Array.isArray(value))?.[1];
  if (!Array.isArray(list)) return undefined;
  const entries = list.map((entry) => (isRecord(entry) ? entry : { value: entry }));
  // Omit the long texts of plans, which make a table unreadable. EXPLAIN shows them.
  const names = [...new Set(entries.flatMap((entry) => Object.keys(entry)))].filter(
    (name) => !LONG.has(name),
  );
  return {
    columns: names.map((name) => ({ name, type: 'STRING' })),
    rows: entries.map((entry) => names.map((name) => cell((entry as Raw)[name]))),
    texts: [],
  };
}

const LONG: ReadonlySet<string> = new Set(['topology', 'executionPlan']);

function describedTable(described: Raw): EntityTable {
  const fields = (described.fields ?? []) as readonly FieldDescription[];
  const text = (name: string) => {
    const value = described[name];
    return typeof value === 'string' && value !== '' ? [value] : [];
  };
  return {
    columns: ['column', 'type', 'role'].map((name) => ({ name, type: 'STRING' })),
    rows: fields.map((field) => [field.name, fieldTypeText(field.schema), field.type ?? null]),
    texts: [...text('statement'), ...text('statementText'), ...text('executionPlan'), ...text('topology')],
  };
}

function isRecord(value: unknown): value is Raw {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function cell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? stringifyExact(value) : String(value);
}
