import type { Entity, SourceDescription } from '../../ksqldb/entities.js';
import { fieldTypeText } from '../../ksqldb/field-type.js';
import { styled } from '../output.js';
import { tableLines } from '../table.js';
import { csvLine } from './row-text.js';
import type { OutputMode } from './row-writer.js';

/** Formats the response to a statement that is not a query. */
export function entityLines(entity: Entity, mode: OutputMode): readonly string[] {
  if (mode === 'json') return [JSON.stringify(entity.raw)];
  const { raw } = entity;
  if (entity.commandStatus !== undefined) return [entity.commandStatus.message];
  if (raw.sourceDescription !== undefined) return describe(raw.sourceDescription as SourceDescription, mode);
  if (Array.isArray(raw.sourceDescriptions)) {
    return (raw.sourceDescriptions as SourceDescription[]).flatMap((source) => [
      `${source.type} ${source.name}`,
      ...describe(source, mode),
      '',
    ]);
  }
  const list = Object.values(raw).find(
    (value) => Array.isArray(value) && value.length > 0 && isRecord(value[0]),
  );
  if (list !== undefined) return recordTable(list as readonly Record<string, unknown>[], mode);
  const rest = Object.entries(raw).filter(
    ([name, value]) =>
      !['@type', 'statementText', 'warnings'].includes(name) && value !== null && value !== '',
  );
  const inner = rest.length === 1 ? rest[0]?.[1] : undefined;
  if (isRecord(inner) && Object.keys(inner).length === 0) return [styled('dim', 'none')];
  if (isRecord(inner)) return keyValues(Object.entries(inner), mode);
  if (rest.every(([, value]) => Array.isArray(value) && value.length === 0)) return [styled('dim', 'none')];
  return keyValues(rest, mode);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function recordTable(list: readonly Record<string, unknown>[], mode: OutputMode): readonly string[] {
  const found = [...new Set(list.flatMap((record) => Object.keys(record)))];
  // Names come first. The text of a query is too long for a table.
  const first = ['id', 'name'].filter((name) => found.includes(name));
  const names = [
    ...first,
    ...found.filter((name) => !first.includes(name) && (mode !== 'table' || name !== 'queryString')),
  ];
  return table(
    names,
    list.map((record) => names.map((name) => text(record[name]))),
    mode,
  );
}

function keyValues(entries: readonly (readonly [string, unknown])[], mode: OutputMode): readonly string[] {
  return table(
    ['name', 'value'],
    entries.map(([name, value]) => [name, text(value)]),
    mode,
  );
}

function table(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  mode: OutputMode,
): readonly string[] {
  if (mode === 'csv') return [csvLine(names), ...rows.map(csvLine)];
  return tableLines(names, rows);
}

function describe(source: SourceDescription, mode: OutputMode): readonly string[] {
  const fields = source.fields.map(({ name, type, schema }) => [name, fieldTypeText(schema), type ?? '']);
  const lines = table(['column', 'type', 'key'], fields, mode);
  if (mode === 'csv') return lines;
  const facts: (readonly [string, unknown])[] = [
    ['topic', source.topic],
    ['formats', `key ${source.keyFormat}, value ${source.valueFormat}`],
    ['window', source.windowType ?? ''],
    ['timestamp', source.timestamp],
    ['written by', source.writeQueries.map(({ id }) => id).join(', ')],
    ['read by', source.readQueries.map(({ id }) => id).join(', ')],
    ['statement', source.statement],
  ];
  const known = facts.filter(([, value]) => value !== '');
  return [...lines, ...known.map(([name, value]) => `${styled('dim', name)}  ${String(value)}`)];
}
