/** Date and time patterns for the rest of the engine. */
import { formatterOf } from './formatter.js';
import { UTC } from './zone.js';

export { DateTimeError } from './fields.js';
export { formatterOf, JavaTimeFormatter } from './formatter.js';
export { UTC, type Zone, zoneOf } from './zone.js';

/**
 * Reads texts by a pattern of java.time.format.DateTimeFormatter, as TIMESTAMP_FORMAT of a source does: milliseconds
 * since the epoch; in UTC, unless the text has a zone of its own.
 *
 * @throws DateTimeError for a pattern that java.time refuses; the returned function throws it for a text
 */
export function compileTimestampPattern(pattern: string): (text: string) => number {
  const formatter = formatterOf(pattern, 'root');
  return (text) => formatter.parseTimestamp(text, UTC);
}
