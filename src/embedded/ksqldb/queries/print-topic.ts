/** PRINT: the records of a topic as text, now or as they arrive. */
import type { PrintTopic } from '../../../sql/ast.js';
import type { LogStore } from '../../kafka/log/log-store.js';
import type { Topic } from '../../kafka/log/topic.js';
import { batches } from '../../kafka/records/record-batch.js';
import { FormatGuess } from './print-format.js';

export interface TextOutput {
  /** Returns false if the reader is busy. Wait for `drained`. */
  text(lines: string): boolean;
  drained(): Promise<void>;
  readonly isClosed: boolean;
  onClose(listener: () => void): void;
}

export interface PrintOptions {
  /** Whether to report the detected formats when they change. /query does, /query-stream does not. */
  readonly showFormats: boolean;
  /** Whether to start at the first record even without FROM BEGINNING. */
  readonly fromBeginning: boolean;
  /** Sends an empty line after this many milliseconds without records, to detect clients that have disconnected. */
  readonly idleMs?: number;
}

interface Printed {
  readonly partition: number;
  readonly time: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

const mostBytesAtOnce = 1024 * 1024;
const mostRecordsAtOnce = 500;

/** Resolves when the limit is reached, the client has disconnected, or the topic was deleted. */
export async function printTopic(
  store: LogStore,
  topic: Topic,
  statement: PrintTopic,
  options: PrintOptions,
  output: TextOutput,
): Promise<void> {
  const { limit = Number.POSITIVE_INFINITY, interval = 1 } = statement;
  const keys = new FormatGuess(true);
  const values = new FormatGuess(false);
  const positions = topic.partitions.map((log) =>
    statement.fromBeginning || options.fromBeginning ? log.startOffset : log.endOffset,
  );
  let shownKeys = '';
  let shownValues = '';
  let polled = 0;
  let written = 0;
  while (written < limit && !output.isClosed) {
    const records = poll(topic, positions);
    if (records.length === 0) {
      if (store.topic(statement.topic) !== topic) return;
      const isIdle = await waitForRecords(topic, options.idleMs, output);
      if (isIdle) output.text('\n');
      continue;
    }
    const lines = formatted(records, keys, values);
    let text = '';
    for (const line of lines) {
      if (polled++ % interval !== 0) continue;
      text += `${line}\n`;
      if (++written >= limit) break;
    }
    if (options.showFormats) {
      const keyFormats = formatsLine('Key format: ', keys.names);
      const valueFormats = formatsLine('Value format: ', values.names);
      const head =
        (keyFormats === shownKeys ? '' : keyFormats) + (valueFormats === shownValues ? '' : valueFormats);
      shownKeys = keyFormats;
      shownValues = valueFormats;
      text = head + text;
    }
    if (text !== '' && !output.text(text)) await output.drained();
  }
}

function formatsLine(label: string, formats: readonly string[]): string {
  if (formats.length > 0) return `${label}${formats.join(' or ')}\n`;
  return `${label} does not match any supported format. It may be a STRING with encoding other than UTF8, or some other format.\n`;
}

/** A later record can rule out a format that earlier ones were shown in. Then all of them are shown again. */
function formatted(records: readonly Printed[], keys: FormatGuess, values: FormatGuess): readonly string[] {
  const format = (): readonly string[] =>
    records.map(
      (record) =>
        `rowtime: ${rowTime(record.time)}, key: ${keys.format(record.key)}, ` +
        `value: ${values.format(record.value)}, partition: ${record.partition}`,
    );
  const before = `${keys.names[0]}/${values.names[0]}`;
  const lines = format();
  return before === `${keys.names[0]}/${values.names[0]}` ? lines : format();
}

/** `2026/11/23 03:13:52.934 Z` */
function rowTime(ms: number): string {
  if (ms < 0) return 'N/A';
  return `${new Date(ms).toISOString().slice(0, -1).replaceAll('-', '/').replace('T', ' ')} Z`;
}

function poll(topic: Topic, positions: number[]): readonly Printed[] {
  const records: Printed[] = [];
  for (const log of topic.partitions) {
    if (log.isDeleted) continue;
    const from = Math.max(positions[log.partition] ?? log.startOffset, log.startOffset);
    const data = log.read(from, mostBytesAtOnce, log.lastStableOffset);
    positions[log.partition] = from;
    for (const batch of batches(data)) {
      if (records.length >= mostRecordsAtOnce) break;
      if (!batch.isControl) {
        batch.forEachRecord((offset, time, key, value) => {
          if (offset < from) return;
          records.push({
            partition: log.partition,
            time,
            key: key === null ? null : Buffer.from(key),
            value: value === null ? null : Buffer.from(value),
          });
        });
      }
      positions[log.partition] = batch.nextOffset;
    }
  }
  return records;
}

/** Returns true if nothing arrived within `idleMs`. */
function waitForRecords(topic: Topic, idleMs: number | undefined, output: TextOutput): Promise<boolean> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const done = (isIdle: boolean): void => {
      for (const stop of stops.splice(0)) stop();
      resolve(isIdle);
    };
    for (const log of topic.partitions) stops.push(log.subscribe(() => setImmediate(done, false)));
    if (idleMs !== undefined) {
      const timer = setTimeout(done, idleMs, true);
      stops.push(() => clearTimeout(timer));
    }
    output.onClose(() => done(false));
  });
}
