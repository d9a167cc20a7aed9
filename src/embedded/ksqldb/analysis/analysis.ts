import type {
  Expression,
  FunctionCall,
  Location,
  SelectExpression,
  SelectItem,
  WindowExpression,
  WithinExpression,
} from '../../../sql/ast.js';
import type { DataSource } from '../catalog/data-source.js';

export interface AliasedSource {
  readonly alias: string;
  readonly source: DataSource;
}

export type JoinType = 'INNER' | 'LEFT' | 'RIGHT' | 'OUTER';

export interface JoinInfo {
  readonly left: AliasedSource;
  readonly leftExpression: Expression;
  readonly right: AliasedSource;
  readonly rightExpression: Expression;
  readonly type: JoinType;
  /** The sides stand the other way round in the ON clause. */
  readonly flipped: boolean;
  readonly within?: WithinExpression;
}

/** A select item whose alias is known: the user's, or a generated one. */
export type AnalysedItem =
  | (SelectExpression & { readonly alias: string })
  | Exclude<SelectItem, { readonly kind: 'Single' }>;

/** A query that was checked against the catalog; columns are qualified with their source's alias. */
export interface Analysis {
  readonly sources: readonly AliasedSource[];
  readonly joins: readonly JoinInfo[];
  readonly select: readonly AnalysedItem[];
  readonly where?: Expression;
  readonly groupBy?: readonly Expression[];
  /** True where GROUP BY was not written, but aggregate functions need one. */
  readonly isGlobalAggregate: boolean;
  readonly partitionBy?: readonly Expression[];
  readonly having?: Expression;
  readonly window?: WindowExpression;
  readonly emitFinal: boolean;
  readonly limit?: number;
  readonly tableFunctions: readonly FunctionCall[];
  /** A query that writes into a topic. */
  readonly isPersistent: boolean;
}

/** `Line: 1, Col: 28: ` as ksqlDB's messages begin, or nothing for what was not parsed. */
export function locationPrefix(at: Location | undefined): string {
  return at === undefined ? '' : `Line: ${at.line}, Col: ${at.column + 1}: `;
}
