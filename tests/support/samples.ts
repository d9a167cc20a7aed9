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

/** What a real ksqlDB made of the samples. */
export function expectedSamples(): ExpectedSamples {
  return JSON.parse(readFileSync(resolve(folder, 'expected.json'), 'utf8')) as ExpectedSamples;
}
