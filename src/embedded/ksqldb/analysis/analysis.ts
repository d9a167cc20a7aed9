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
  /** The ON clause names the right side first. */
  readonly flipped: boolean;
  readonly within?: WithinExpression;
}

/** A select item with an alias, which the user wrote or ksqlDB generates. */
export type AnalysedItem =
  | (SelectExpression & { readonly alias: string })
  | Exclude<SelectItem, { readonly kind: 'Single' }>;

/** A query that has been checked against the catalog. Each column is qualified with the alias of its source. */
export interface Analysis {
  readonly sources: readonly AliasedSource[];
  readonly joins: readonly JoinInfo[];
  readonly select: readonly AnalysedItem[];
  readonly where?: Expression;
  readonly groupBy?: readonly Expression[];
  /** The query has aggregate functions but no GROUP BY. */
  readonly isGlobalAggregate: boolean;
  readonly partitionBy?: readonly Expression[];
  readonly having?: Expression;
  readonly window?: WindowExpression;
  readonly emitFinal: boolean;
  readonly limit?: number;
  readonly tableFunctions: readonly FunctionCall[];
  /** The query writes to a topic. */
  readonly isPersistent: boolean;
}

/** The start of ksqlDB's messages, such as `Line: 1, Col: 28: `. Empty for generated expressions, which have no location. */
export function locationPrefix(at: Location | undefined): string {
  return at === undefined ? '' : `Line: ${at.line}, Col: ${at.column + 1}: `;
}
