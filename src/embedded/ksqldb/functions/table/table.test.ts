import { describe, expect, it } from 'vitest';
import { arrayType, decimalType, INTEGER } from '../../../../sql/sql-type.js';
import type { Value } from '../../types/value.js';
import { createRegistry } from '../builtin.js';
import { callTable, typed } from '../call.test-util.js';

const ints = (values: readonly Value[] | null) => typed(arrayType(INTEGER), values);

describe('EXPLODE', () => {
  it('returns a row for each item, including NULLs, and none for a NULL array', () => {
    expect(callTable('EXPLODE', [ints([1, null, 2])])).toStrictEqual([1, null, 2]);
    expect(callTable('EXPLODE', [ints(null)])).toStrictEqual([]);
  });

  it('keeps the type of decimals', () => {
    const registry = createRegistry();
    const fn = registry.get('EXPLODE');
    const type = arrayType(decimalType(7, 3));
    expect(fn?.kind === 'table' && registry.resolveTable(fn, [type], [undefined]).returnType).toStrictEqual(
      decimalType(7, 3),
    );
  });
});

describe('CUBE_EXPLODE', () => {
  it('returns a row for each combination', () => {
    expect(callTable('CUBE_EXPLODE', [ints([1, 2])])).toStrictEqual([
      [null, null],
      [null, 2],
      [1, null],
      [1, 2],
    ]);
  });

  it('does not duplicate rows for a NULL', () => {
    expect(callTable('CUBE_EXPLODE', [ints([1, null])])).toStrictEqual([
      [null, null],
      [1, null],
    ]);
    expect(callTable('CUBE_EXPLODE', [ints([])])).toStrictEqual([[]]);
    expect(callTable('CUBE_EXPLODE', [ints(null)])).toStrictEqual([]);
  });

  it('refuses too many columns', () => {
    expect(() => callTable('CUBE_EXPLODE', [ints(Array.from({ length: 21 }, () => 1))])).toThrow(
      'cube_explode: too many columns (21); max is 20',
    );
  });
});
