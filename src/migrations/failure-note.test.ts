import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FailureNote, parseNote, withNote } from './failure-note.js';

const note: fc.Arbitrary<FailureNote> = fc.record({
  action: fc.constantFrom('apply' as const, 'undo' as const),
  statement: fc.nat(),
  of: fc.nat(),
  done: fc.nat(),
  checksum: fc.stringMatching(/^[0-9a-f]{32}$|^-$/),
});

describe('the note at the end of an error_reason', () => {
  it('comes back whatever the message says', () => {
    fc.assert(
      fc.property(fc.string(), note, (message, written) => {
        expect(parseNote(withNote(message, written))).toEqual({ message, note: written });
      }),
    );
  });

  it('is none in any reason of another tool', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes(' | paystream: ')),
        (text) => {
          expect(parseNote(text)).toEqual({ message: text });
        },
      ),
    );
    expect(parseNote('failed | paystream: is what I use')).toEqual({ message: 'failed' });
  });
});
