import type { ColumnDefinition, Statement } from '../sql/ast.js';
import { type FileStatement, objectOf, queryIdOf } from './file-statements.js';
import type { ServerObjects } from './server-objects.js';

/**
 * What the server shows about a statement:
 *
 * - `present`: its result exists, so it must not run again
 * - `absent`: its result does not exist
 * - `repeatable`: running it again changes nothing (SET, IF NOT EXISTS, OR REPLACE, ASSERT)
 * - `unknown`: the server does not show whether it ran (INSERT VALUES)
 */
export type Effect = 'present' | 'absent' | 'repeatable' | 'unknown';

/** Returns the effect of each statement, as if it were the last one about its object. */
export function effectsOf(statements: readonly FileStatement[], server: ServerObjects): readonly Effect[] {
  return statements.map((statement) => {
    if (statement.tree === undefined) return 'unknown';
    return effectOf(statement.tree, server, insertsLike(statements, statement.tree));
  });
}

/** Counts the INSERT INTOs without an ID that have the same target and source. */
function insertsLike(statements: readonly FileStatement[], tree: Statement): number {
  const object = objectOf(tree);
  return statements.filter((other) => other.tree?.kind === tree.kind && objectOf(other.tree) === object)
    .length;
}

function effectOf(tree: Statement, server: ServerObjects, alike: number): Effect {
  const when = (there: boolean): Effect => (there ? 'present' : 'absent');
  switch (tree.kind) {
    case 'CreateSource': {
      if (tree.ifNotExists || tree.orReplace) return 'repeatable';
      const source = server.sources.get(tree.name);
      return when(source?.type === tree.sourceType && hasColumns(source.fields, tree.columns));
    }
    case 'CreateAsSelect': {
      if (tree.ifNotExists || tree.orReplace) return 'repeatable';
      const source = server.sources.get(tree.name);
      const written = [...server.queries.values()].some((query) => query.sinks.includes(tree.name));
      return when(source?.type === tree.sourceType && written);
    }
    case 'InsertInto': {
      const id = queryIdOf(tree);
      if (id !== undefined) return when(server.queries.has(id));
      const found = [...server.queries.values()].filter(
        (query) => query.id.startsWith('INSERTQUERY_') && query.sinks.includes(tree.target),
      );
      // Without IDs, two of them cannot be distinguished.
      if (alike > 1 && found.length > 0 && found.length < alike) return 'unknown';
      return when(found.length >= alike);
    }
    case 'DropSource':
      return tree.ifExists ? 'repeatable' : when(!server.sources.has(tree.name));
    case 'AlterSource': {
      const fields = server.sources.get(tree.name)?.fields ?? [];
      return when(tree.add.every(({ name }) => fields.some((field) => field.name === name)));
    }
    case 'CreateType':
      return tree.ifNotExists ? 'repeatable' : when(server.types.has(tree.name));
    case 'DropType':
      return tree.ifExists ? 'repeatable' : when(!server.types.has(tree.name));
    case 'Terminate':
      return tree.all ? 'repeatable' : when(!server.queries.has(tree.queryId));
    case 'InsertValues':
    case 'CreateConnector':
    case 'DropConnector':
      return 'unknown';
    default:
      return 'repeatable';
  }
}

/** Checks that the declared columns exist. A server adds columns of a registered schema. */
function hasColumns(
  fields: readonly { readonly name: string }[],
  columns: readonly ColumnDefinition[],
): boolean {
  return columns.every(({ name }) => fields.some((field) => field.name === name));
}

/** Returns the statements of a prefix whose results must exist: the last one about each object. */
export function lastOfEachObject(statements: readonly FileStatement[]): ReadonlySet<FileStatement> {
  const last = new Map<string, FileStatement>();
  for (const statement of statements) {
    if (statement.tree === undefined) continue;
    // Two INSERT INTOs without an ID are two queries, not two versions of one.
    const object = objectOf(statement.tree);
    if (object !== undefined)
      last.set(`${object} ${statement.tree.kind === 'InsertInto' ? statement.number : ''}`, statement);
  }
  return new Set(last.values());
}
