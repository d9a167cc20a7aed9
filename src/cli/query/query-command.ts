import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { PaystreamError } from '../../errors/paystream-error.js';
import { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import { configOf } from '../endpoints.js';
import { EXIT } from '../exit-codes.js';
import { out } from '../output.js';
import { QuerySession } from './query-session.js';
import type { OutputMode } from './row-writer.js';

export interface QueryFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly output?: string;
  readonly json?: boolean;
  readonly file?: string;
  readonly fromBeginning?: boolean;
  readonly property?: readonly string[];
  readonly define?: readonly string[];
}

export async function runQuery(given: string | undefined, flags: QueryFlags): Promise<void> {
  const config = await configOf(flags);
  const mode = modeOf(flags);
  const sql = await sqlOf(given, flags.file);
  const client = new KsqldbClient(config.ksqldb);
  const session = new QuerySession(client, {
    mode,
    properties: {
      ...(flags.fromBeginning === true ? { 'auto.offset.reset': 'earliest' } : {}),
      ...pairs(flags.property ?? [], '--property'),
    },
    variables: { ...config.migrations.variables, ...pairs(flags.define ?? [], '--define') },
    write: out,
  });
  try {
    if (sql === undefined) {
      const { runPrompt } = await import('./prompt.js');
      await runPrompt(session, client);
      return;
    }
    const interrupted = new AbortController();
    const onSignal = () => interrupted.abort();
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
    try {
      await session.run(sql, interrupted.signal);
    } finally {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    }
    if (interrupted.signal.aborted) process.exitCode = EXIT.interrupted;
  } finally {
    client.close();
  }
}

function modeOf(flags: QueryFlags): OutputMode {
  const mode = flags.json === true ? 'json' : (flags.output ?? 'table');
  if (mode === 'table' || mode === 'json' || mode === 'csv') return mode;
  throw new PaystreamError('USAGE', `--output: '${mode}' is none of table, json, csv.`);
}

/** The SQL to run; undefined asks for the prompt. */
async function sqlOf(given: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (file !== undefined) return readSql(file);
  if (given === '-') return await text(process.stdin);
  if (given === undefined) return process.stdin.isTTY === true ? undefined : await text(process.stdin);
  // A statement is no file's name, and a file's name is no statement.
  if (given.endsWith('.sql') && existsSync(given)) return readSql(given);
  return given;
}

function readSql(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PaystreamError('USAGE_FILE', `The file cannot be read: ${(cause as Error).message}.`, {
      where: path,
      cause,
    });
  }
}

function pairs(list: readonly string[], flag: string): Record<string, string> {
  return Object.fromEntries(
    list.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new PaystreamError('USAGE', `${flag}: '${pair}' is not name=value.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
