import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Recorded responses and ksqlDB's own test cases, if they are on this machine. */
const shared = new URL('../../../shared/', import.meta.url);

export interface CorpusCase {
  readonly id: string;
  readonly statements?: readonly string[];
  readonly steps?: readonly { readonly statement?: string; readonly assert?: string }[];
  readonly expectedException?: { readonly type?: string; readonly message?: string };
  readonly expectedError?: { readonly message?: string };
}

export interface Recording {
  readonly name: string;
  readonly body?: { readonly ksql?: string; readonly sql?: string };
  readonly response: { readonly json?: unknown };
}

export const hasCorpus = existsSync(new URL('ksqldb-conformance/', shared));
export const hasRecordings = existsSync(new URL('ksqldb-rest/recorded.json', shared));

export function corpusCases(): CorpusCase[] {
  const root = new URL('ksqldb-conformance/', shared);
  return ['core', 'schema-registry', 'test-functions'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root))
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => {
        const text = readFileSync(new URL(`${folder}/${file}`, root), 'utf8');
        return (JSON.parse(text) as { cases: CorpusCase[] }).cases;
      }),
  );
}

/** Returns the statements of a case, each with its semicolon. */
export function statementsOf(test: CorpusCase): string[] {
  const texts =
    test.statements ?? test.steps?.map(({ statement, assert }) => statement ?? assert ?? '') ?? [];
  return texts.map((text) => (text.trimEnd().endsWith(';') ? text : `${text};`));
}

export function recordings(): Recording[] {
  return JSON.parse(readFileSync(new URL('ksqldb-rest/recorded.json', shared), 'utf8')) as Recording[];
}
