import { InvalidArgumentError } from 'commander';
import { PaystreamError } from '../errors/paystream-error.js';

/** Parses a port for commander; 0 means any free port. */
export function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('Use a port from 0 to 65535.');
  }
  return value;
}

/** Collects the values of a flag that can be repeated, for commander. */
export function repeatable(value: string, list: readonly string[] | undefined): readonly string[] {
  return [...(list ?? []), value];
}

/** Parses `name=value` pairs. Throws USAGE. */
export function pairs(list: readonly string[] | undefined, flag: string): Record<string, string> {
  return Object.fromEntries(
    (list ?? []).map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) {
        throw new PaystreamError('USAGE', `${flag}: '${pair}' is not name=value.`, {
          hint: `For example: ${flag} region=eu`,
        });
      }
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
