/** Date and time patterns, for the other rooms of the engine. */
import { formatterOf } from './formatter.js';
import { UTC } from './zone.js';

export { DateTimeError } from './fields.js';
export { formatterOf, JavaTimeFormatter } from './formatter.js';
export { UTC, type Zone, zoneOf } from './zone.js';

/**
 * Returns a parser for a pattern of java.time.format.DateTimeFormatter, such as TIMESTAMP_FORMAT of a source. It returns
 * milliseconds since the epoch, and assumes UTC unless the text has its own zone.
 *
 * @throws DateTimeError for a pattern that java.time rejects; the returned function throws it for invalid texts
 */
export function compileTimestampPattern(pattern: string): (text: string) => number {
  const formatter = formatterOf(pattern, 'root');
  return (text) => formatter.parseTimestamp(text, UTC);
}
