import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  snippetCompletion,
} from '@codemirror/autocomplete';
import { quoteIfNeeded } from '../../../sql/identifiers.js';
import { NON_RESERVED_KEYWORDS, RESERVED_KEYWORDS } from '../../../sql/keywords.js';
import { splitStatements } from '../../../sql/split-statements.js';
import type { Catalog } from '../../wire.js';
import { get } from '../api.js';

interface FunctionDetail {
  readonly description?: string;
  readonly functions?: readonly { readonly argumentTypes: readonly string[]; readonly returnType: string }[];
}

const KEYWORDS: readonly Completion[] = [...RESERVED_KEYWORDS, ...NON_RESERVED_KEYWORDS].map((word) => ({
  label: word,
  type: 'keyword',
  boost: -2,
}));

const SNIPPETS: readonly Completion[] = [
  snippetCompletion('SELECT * FROM ${name} EMIT CHANGES;', {
    label: 'tail',
    detail: 'push query',
    type: 'text',
  }),
  snippetCompletion('SELECT * FROM ${name} WHERE ${key} = ${value};', {
    label: 'pull',
    detail: 'pull query',
    type: 'text',
  }),
];

const BEFORE_NAME = /\b(from|join|into|describe|insert\s+into|drop\s+(stream|table))\s+[`\w$-]*$/i;

/** Completes streams, tables, functions and keywords, and the columns of sources that the statement names. */
export function completionSource(catalog: () => Catalog | undefined) {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(insideQuotes(context) ? /`[^`]*/ : /[\w$]+/);
    if (word === null && !context.explicit) return null;
    const known = catalog();
    const before = context.state.sliceDoc(Math.max(0, context.pos - 200), context.pos);
    const options: Completion[] = [];
    const wantsName = BEFORE_NAME.test(before);
    for (const source of known?.sources ?? []) {
      options.push({
        label: quoteIfNeeded(source.name),
        type: source.kind === 'TABLE' ? 'class' : 'interface',
        detail: source.kind.toLowerCase(),
        boost: wantsName ? 10 : 0,
      });
    }
    if (!wantsName) {
      options.push(
        ...columnsIn(known, statementAt(context)),
        ...functionsOf(known),
        ...KEYWORDS,
        ...SNIPPETS,
      );
    }
    return { from: word?.from ?? context.pos, options, validFor: /^(`[^`]*|[\w$]*)$/ };
  };
}

/** Returns true if a backtick in this line is still open. A quoted name may contain spaces. */
function insideQuotes(context: CompletionContext): boolean {
  const line = context.state.doc.lineAt(context.pos);
  return (line.text.slice(0, context.pos - line.from).split('`').length - 1) % 2 === 1;
}

function statementAt(context: CompletionContext): string {
  const text = context.state.doc.toString();
  try {
    const found = splitStatements(text).find(
      ({ start, end }) => context.pos >= start && context.pos <= end + 1,
    );
    return found?.text ?? text;
  } catch {
    // The string is still being typed: use the whole text.
    return text;
  }
}

function columnsIn(catalog: Catalog | undefined, statement: string): readonly Completion[] {
  const sources = catalog?.sources ?? [];
  const words = new Set(statement.split(/[^\w$`]+/).map((word) => word.replaceAll('`', '').toUpperCase()));
  const named = sources.filter(({ name }) => words.has(name.toUpperCase()));
  const seen = new Set<string>();
  const options: Completion[] = [];
  for (const source of named.length === 0 ? sources : named) {
    for (const field of source.fields) {
      if (seen.has(field.name)) continue;
      seen.add(field.name);
      options.push({
        label: quoteIfNeeded(field.name),
        type: 'property',
        detail: field.type.length > 30 ? `${field.type.slice(0, 29)}…` : field.type,
        boost: named.length === 0 ? 1 : 5,
      });
    }
  }
  return options;
}

function functionsOf(catalog: Catalog | undefined): readonly Completion[] {
  return (catalog?.functions ?? []).map(({ name, category }) => ({
    label: name,
    type: 'function',
    detail: category.toLowerCase(),
    apply: `${name}(`,
    info: () => functionInfo(name),
  }));
}

async function functionInfo(name: string): Promise<Node | null> {
  const detail = await get<FunctionDetail>(`/api/function?name=${encodeURIComponent(name)}`).catch(
    () => undefined,
  );
  if (detail === undefined) return null;
  const box = document.createElement('div');
  const text = document.createElement('p');
  text.textContent = detail.description ?? '';
  box.append(text);
  for (const { argumentTypes, returnType } of (detail.functions ?? []).slice(0, 6)) {
    const line = document.createElement('code');
    line.textContent = `${name}(${argumentTypes.join(', ')}) → ${returnType}`;
    box.append(line);
  }
  return box;
}
