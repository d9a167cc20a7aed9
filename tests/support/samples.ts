import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../../shared/samples');

/** True where the recorded samples stand beside the checkout; the suites that compare with them skip otherwise. */
export const haveSamples = existsSync(folder);

export interface SampleRecord {
  readonly key: string;
  readonly value: string;
}

export interface ExpectedSamples {
  readonly 'PAYMENT-OUTPUT': readonly string[];
  readonly 'PAYMENT-REJECTED': readonly string[];
  /** The last record's value of each customer. */
  readonly 'PAYMENT-TRX-AGGR': Readonly<Record<string, string>>;
  readonly lastFive: Readonly<Record<string, readonly Readonly<Record<string, string | null>>[]>>;
  readonly processingLog: readonly {
    readonly logger: string;
    readonly level: string;
    readonly type: number;
    readonly errorMessage: string;
    readonly topic: string | null;
  }[];
}

export function sampleFile(channel: 'cc-payment' | 'bank-transfer-payment'): string {
  return resolve(folder, `${channel}.txt`);
}

export function sampleRecords(channel: 'cc-payment' | 'bank-transfer-payment'): readonly SampleRecord[] {
  return readFileSync(sampleFile(channel), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t');
      return { key: line.slice(0, tab), value: line.slice(tab + 1) };
    });
}

/** The trxId that sample e19 wraps around to, since it does not fit in 64 bits. */
const WRAPPED_ID = '-6101065172474983726';

/**
 * What a real ksqlDB made of the samples, under today's rules. When it was recorded, the payment whose trxId wraps
 * around was accepted. Now it is rejected, and the next older payment of the same customer takes its place.
 */
export function expectedSamples(): ExpectedSamples {
  const recorded = JSON.parse(readFileSync(resolve(folder, 'expected.json'), 'utf8')) as ExpectedSamples;
  const outputs = recorded['PAYMENT-OUTPUT'];
  const wrapped = outputs.find((value) => value.includes(`"trxId":${WRAPPED_ID},`))!;
  const customer = fieldOf(wrapped, 'customerId')!;
  const accepted = recorded['PAYMENT-TRX-AGGR'][customer]!;
  const next = outputs
    .filter((value) => fieldOf(value, 'customerId') === customer && !accepted.includes(value))
    .sort((a, b) => (fieldOf(a, 'trxDate')! < fieldOf(b, 'trxDate')! ? 1 : -1))[0]!;
  return {
    ...recorded,
    'PAYMENT-REJECTED': [
      ...recorded['PAYMENT-REJECTED'],
      `{"reason":"trxId is not positive",${wrapped.slice(1)}`,
    ],
    'PAYMENT-TRX-AGGR': {
      ...recorded['PAYMENT-TRX-AGGR'],
      [customer]: accepted.replace(`${wrapped},`, '').replace(']}', `,${next}]}`),
    },
    lastFive: {
      ...recorded.lastFive,
      [customer]: [
        ...recorded.lastFive[customer]!.filter((payment) => payment.trxId !== WRAPPED_ID),
        Object.fromEntries(
          Object.keys(recorded.lastFive[customer]![0]!).map((field) => [field, fieldOf(next, field)]),
        ),
      ],
    },
  };
}

/** A field of a flat JSON object as text, without a detour through a JavaScript number. */
function fieldOf(json: string, field: string): string | null {
  const [, quoted, bare] = new RegExp(`"${field}":(?:"([^"]*)"|([^,}]*))`).exec(json)!;
  return quoted ?? (bare === 'null' ? null : bare!);
}

/** A record of PAYMENT-TRX-AGGR as it was recorded: without the fields that depend on the time of the run. */
export function withoutArrival(value: string | null | undefined): string | undefined {
  return value?.replaceAll(/,"arrivedAt":\d{13}/g, '').replace(/,"truncated":false}$/, '}');
}
