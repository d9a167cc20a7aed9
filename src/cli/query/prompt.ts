import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import { readServerObjects } from '../../migrations/server-objects.js';
import { needsQuotes, quote } from '../../sql/identifiers.js';
import { NON_RESERVED_KEYWORDS, RESERVED_KEYWORDS } from '../../sql/keywords.js';
import { splitStatements } from '../../sql/split-statements.js';
import { SqlSyntaxError } from '../../sql/sql-syntax-error.js';
import { note, notedStyle, reportError } from '../output.js';
import type { QuerySession } from './query-session.js';

const HELP = `End each statement with a semicolon. It may span several lines.
  output table|json|csv   set the output format
  help                    show this text
  exit                    leave; Ctrl-D does the same
Ctrl-C stops a running query, or clears the line.`;

const HISTORY_LINES = 1_000;

/** Returns the file with the lines of earlier sessions. */
function historyFile(): string {
  const base = process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state');
  return join(base, 'paystream', 'query-history');
}

/** Runs the interactive prompt until `exit` or the end of the input. */
export async function runPrompt(session: QuerySession, client: KsqldbClient): Promise<void> {
  const names = new Names(client);
  const file = historyFile();
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
    history: readHistory(file),
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
    completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
      void names.complete(line).then((result) => done(null, result));
    },
  });
  note(`Connected to ${client.url}. Type help or exit. End statements with a semicolon.`);
  try {
    await readStatements(terminal, session, names, file);
  } finally {
    terminal.close();
  }
}

async function readStatements(
  terminal: Interface,
  session: QuerySession,
  names: Names,
  file: string,
): Promise<void> {
  let buffer = '';
  let running: AbortController | undefined;
  const prompt = () => {
    terminal.setPrompt(buffer === '' ? 'ksql> ' : '  ... ');
    terminal.prompt();
  };
  terminal.on('SIGINT', () => {
    if (running !== undefined) {
      running.abort();
      return;
    }
    buffer = '';
    process.stdout.write('\n');
    terminal.write(null, { ctrl: true, name: 'u' });
    prompt();
  });
  prompt();
  for await (const line of terminal) {
    const word = line.trim().replace(/;$/, '').toLowerCase();
    if (buffer === '' && (word === 'exit' || word === 'quit')) return;
    if (buffer === '' && word === 'help') note(HELP);
    else if (buffer === '' && word.startsWith('output '))
      setMode(session, word.slice('output '.length).trim());
    else {
      buffer += buffer === '' ? line : `\n${line}`;
      if (buffer.trim() === '') buffer = '';
      if (isComplete(buffer)) {
        const sql = buffer;
        buffer = '';
        remember(file, sql);
        running = new AbortController();
        try {
          await session.run(sql, running.signal);
        } catch (error) {
          reportError(error);
        } finally {
          running = undefined;
        }
        names.forget();
      }
    }
    prompt();
  }
}

function setMode(session: QuerySession, mode: string): void {
  if (mode === 'table' || mode === 'json' || mode === 'csv') session.mode = mode;
  else note('Use table, json or csv.');
}

/** Returns whether a semicolon ends the last statement. Semicolons in a string or comment do not count. */
function isComplete(sql: string): boolean {
  if (sql === '') return false;
  try {
    return splitStatements(sql).at(-1)?.terminated === true;
  } catch (error) {
    if (error instanceof SqlSyntaxError) return false;
    throw error;
  }
}

function readHistory(file: string): string[] {
  if (!existsSync(file)) return [];
  // readline expects the newest line first.
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .slice(-HISTORY_LINES)
    .reverse();
}

function remember(file: string, sql: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    appendFileSync(file, `${sql.replaceAll('\n', ' ')}\n`, { mode: 0o600 });
  } catch (error) {
    // The home directory may be read-only, which must not end the session.
    note(notedStyle('dim', `Cannot save the history: ${(error as Error).message}.`));
  }
}

/** Completes keywords, sources and columns. Names are read from the server once after each statement. */
class Names {
  readonly #client: KsqldbClient;
  #names: Promise<readonly string[]> | undefined;

  constructor(client: KsqldbClient) {
    this.#client = client;
  }

  forget(): void {
    this.#names = undefined;
  }

  async complete(line: string): Promise<[string[], string]> {
    const word = /[`\w]*$/.exec(line)?.[0] ?? '';
    if (word === '') return [[], ''];
    this.#names ??= this.#read().catch(() => []);
    const wanted = word.toUpperCase();
    const keywords = [...RESERVED_KEYWORDS, ...NON_RESERVED_KEYWORDS];
    const hits = [...new Set([...(await this.#names), ...keywords])].filter((name) => {
      const bare = word.startsWith('`') ? name : name.replace(/^`/, '');
      return bare.toUpperCase().startsWith(wanted);
    });
    return [hits, word];
  }

  async #read(): Promise<readonly string[]> {
    const { sources } = await readServerObjects(this.#client);
    const names = [...sources.values()].flatMap((source) => [
      source.name,
      ...source.fields.map(({ name }) => name),
    ]);
    return names.map((name) => (needsQuotes(name) ? quote(name) : name));
  }
}
