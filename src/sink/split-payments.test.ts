import { describe, expect, it } from 'vitest';
import { splitPayments } from './split-payments.js';

describe('splitPayments', () => {
  it('keeps all digits, and characters that PostgreSQL cannot store', () => {
    const payments = [
      '{"trxId":9007199254740993,"trxAmount":1.50}',
      '{"name":"a\\u0000b"}',
      '{"name":"\\ud800"}',
    ];
    expect(splitPayments(`{"customerId":1,"payments":[${payments.join(', ')}]}`)).toEqual(payments);
  });

  it.each(['', '{', 'null', '[]', '{}', '{"payments":{}}', '{"payments":"x"}', '{"a":1,"a":2}'])(
    'finds no payments in %j',
    (value) => expect(splitPayments(value)).toEqual([]),
  );
});
