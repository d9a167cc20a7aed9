import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExactJson, parseExact } from '../../src/ksqldb/exact-json.js';

/** A file of ksqlDB's own test cases; the format is described beside the cases. Numbers keep their lexemes. */
export interface CaseFile {
  readonly suite: 'qtt' | 'rest' | 'yatt' | 'runner';
  readonly file: string;
  readonly cases: readonly ConformanceCase[];
}

export interface CaseRecord {
  readonly topic: string;
  readonly key?: ExactJson;
  readonly value?: ExactJson;
  readonly timestamp?: number;
  readonly window?: { readonly start: number; readonly end: number; readonly type: 'time' | 'session' };
  readonly headers?: readonly { readonly KEY: string; readonly VALUE: string | null }[];
}

export interface CaseTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly keyFormat?: string;
  readonly keySchema?: ExactJson;
  readonly keySchemaId?: number;
  readonly keySchemaReferences?: ExactJson;
  readonly valueFormat?: string;
  readonly valueSchema?: ExactJson;
  readonly valueSchemaId?: number;
  readonly valueSchemaReferences?: ExactJson;
}

export interface ExpectedError {
  readonly type?: string;
  readonly message?: string;
  readonly cause?: string;
  readonly causeMessage?: string;
  /** HTTP status, of the rest suite. */
  readonly status?: number;
}

export interface CaseNeeds {
  readonly formats: readonly string[];
  readonly schemaRegistry: boolean;
  readonly registryFeatures: boolean;
  readonly protobuf: boolean;
  readonly testFunctions: readonly string[];
}

export interface ConformanceCase {
  readonly id: string;
  readonly name: string;
  readonly format: string | null;
  readonly needs: CaseNeeds;
  readonly features: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly topics?: readonly CaseTopic[];
  readonly statements: readonly string[];
  readonly inputs: readonly CaseRecord[];
  readonly outputs: readonly CaseRecord[];
  readonly expectedException?: ExpectedError;
  readonly expectedError?: ExpectedError;
  readonly post?: ExactJson;
  /** Suite yatt. */
  readonly steps?: readonly { readonly statement?: string; readonly assert?: string }[];
  /** Suite rest. */
  readonly responses?: readonly Readonly<Record<string, ExactJson>>[];
  readonly inputConditions?: { readonly waitForActivePushQuery?: boolean };
  readonly testPullWithProtoFormat?: boolean;
}

/** The parts of a case that are expectations and data keep their number lexemes; all others become plain values. */
const EXACT_FIELDS = new Set([
  'key',
  'value',
  'keySchema',
  'valueSchema',
  'keySchemaReferences',
  'valueSchemaReferences',
  'post',
  'responses',
]);

function loosen(value: ExactJson): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(loosen);
  if ('isLosslessNumber' in value) return Number(value.toString());
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      EXACT_FIELDS.has(name) ? inner : loosen(inner as ExactJson),
    ]),
  );
}

/** Reads every case file of a folder, in order of names. */
export function readCaseFiles(folder: string): readonly CaseFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const parsed = loosen(parseExact(readFileSync(join(folder, name), 'utf8'))) as CaseFile;
      return {
        ...parsed,
        cases: parsed.cases.map((each) => ({
          ...each,
          statements: each.statements ?? [],
          inputs: each.inputs ?? [],
          outputs: each.outputs ?? [],
          // Properties may be numbers or booleans in the file; ksqlDB takes texts.
          ...(each.properties === undefined
            ? {}
            : {
                properties: Object.fromEntries(
                  Object.entries(each.properties).map(([property, value]) => [property, String(value)]),
                ),
              }),
        })),
      };
    });
}
