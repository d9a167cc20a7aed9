/**
 * Counts the lines of the production half, room by room: TypeScript without tests, console, sql and embedded.
 *
 *   npx tsx scripts/architecture/thin-lines.ts            prints the table
 *   npx tsx scripts/architecture/thin-lines.ts --write    puts it into docs/architecture.md
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { THIN_ROOMS } from './rooms.mjs';

const root = resolve(import.meta.dirname, '..', '..');
const page = join(root, 'docs', 'architecture.md');
const START = '<!-- thin-lines: written by scripts/architecture/thin-lines.ts -->';
const END = '<!-- /thin-lines -->';

export interface RoomLines {
  readonly room: string;
  readonly files: number;
  readonly lines: number;
}

/** Counts every line of the rooms' source files, comments and blank lines included. */
export function countThinLines(): readonly RoomLines[] {
  return THIN_ROOMS.map((room) => {
    const files = readdirSync(join(root, 'src', room), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !/\.test(-util)?\.ts$/.test(name),
    );
    const lines = files.reduce(
      (sum, name) => sum + readFileSync(join(root, 'src', room, name), 'utf8').split('\n').length - 1,
      0,
    );
    return { room, files: files.length, lines };
  });
}

/** The same as a Markdown table with a total. */
export function thinLinesTable(rooms: readonly RoomLines[]): string {
  const total = (of: 'files' | 'lines') => rooms.reduce((sum, room) => sum + room[of], 0);
  return [
    '| room | files | lines |',
    '|---|---:|---:|',
    ...rooms.map(({ room, files, lines }) => `| ${room} | ${files} | ${lines} |`),
    `| **total** | **${total('files')}** | **${total('lines')}** |`,
  ].join('\n');
}

/** The total that docs/architecture.md states, or undefined if it has no table. */
export function documentedTotal(): number | undefined {
  const match = /\*\*total\*\* \| \*\*\d+\*\* \| \*\*(\d+)\*\*/.exec(readFileSync(page, 'utf8'));
  return match === null ? undefined : Number(match[1]);
}

if (process.argv[1] === import.meta.filename) {
  const table = thinLinesTable(countThinLines());
  console.log(table);
  if (process.argv.includes('--write')) {
    const text = readFileSync(page, 'utf8');
    const from = text.indexOf(START);
    const to = text.indexOf(END);
    if (from === -1 || to === -1) throw new Error(`docs/architecture.md lacks ${START} and ${END}`);
    writeFileSync(page, `${text.slice(0, from)}${START}\n${table}\n${text.slice(to)}`);
  }
}
