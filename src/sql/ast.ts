/**
 * The typed syntax tree of ksqlDB's SQL: what the parser makes and the formatter, the migrations, and the
 * embedded engine read. Names are stored resolved: unquoted identifiers are upper-cased, quoted ones are kept.
 *
 * Source of the grammar: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/
 */
import type { DecimalType, SimpleType } from './sql-type.js';

/** A place in the text. `line` counts from 1 and `column` from 0, `start` and `end` (exclusive) are offsets. */
export interface Location {
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

interface Node {
  /** Absent on nodes that were made, not parsed. */
  readonly at?: Location;
}

// ---------------------------------------------------------------- types

export interface ArrayTypeNode {
  readonly base: 'ARRAY';
  readonly element: TypeNode;
}
export interface MapTypeNode {
  readonly base: 'MAP';
  readonly key: TypeNode;
  readonly value: TypeNode;
}
export interface StructTypeNode {
  readonly base: 'STRUCT';
  readonly fields: readonly { readonly name: string; readonly type: TypeNode }[];
}
/** The name of a type made with CREATE TYPE (or an unknown one): the catalog resolves it. */
export interface NamedTypeNode {
  readonly base: 'NAMED';
  readonly name: string;
  readonly at?: Location;
}
/** A type as written. INT is INTEGER, VARCHAR (with any length) is STRING, DEC is DECIMAL. */
export type TypeNode =
  | SimpleType
  | DecimalType
  | ArrayTypeNode
  | MapTypeNode
  | StructTypeNode
  | NamedTypeNode;

// ---------------------------------------------------------------- expressions

export interface NullLiteral extends Node {
  readonly kind: 'Null';
}
export interface BooleanLiteral extends Node {
  readonly kind: 'Boolean';
  readonly value: boolean;
}
export interface IntegerLiteral extends Node {
  readonly kind: 'Integer';
  /** Fits 32 bits, else the literal is a Long. */
  readonly value: number;
}
export interface LongLiteral extends Node {
  readonly kind: 'Long';
  readonly value: bigint;
}
/** A literal with a point and no exponent, such as `1.50`: the digits as written. */
export interface DecimalLiteral extends Node {
  readonly kind: 'Decimal';
  readonly text: string;
}
/** A literal with an exponent, such as `1E3`. */
export interface DoubleLiteral extends Node {
  readonly kind: 'Double';
  readonly value: number;
}
export interface StringLiteral extends Node {
  readonly kind: 'String';
  readonly value: string;
}
/** A column, or a lambda's parameter where one of that name is in scope. `source` is the alias before the point. */
export interface ColumnReference extends Node {
  readonly kind: 'Column';
  readonly source?: string;
  readonly name: string;
}
/** `expression->FIELD`; `*` as the field is allowed in a SELECT list only and is a StructAll item there. */
export interface DereferenceExpression extends Node {
  readonly kind: 'Dereference';
  readonly base: Expression;
  readonly field: string;
}
/** `array[index]` or `map[key]`. */
export interface SubscriptExpression extends Node {
  readonly kind: 'Subscript';
  readonly base: Expression;
  readonly index: Expression;
}
export interface ArithmeticUnary extends Node {
  readonly kind: 'ArithmeticUnary';
  readonly op: '+' | '-';
  readonly value: Expression;
}
export interface ArithmeticBinary extends Node {
  readonly kind: 'ArithmeticBinary';
  readonly op: '+' | '-' | '*' | '/' | '%';
  readonly left: Expression;
  readonly right: Expression;
}
/** `a || b`. */
export interface Concat extends Node {
  readonly kind: 'Concat';
  readonly left: Expression;
  readonly right: Expression;
}
export type ComparisonOp = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'IS DISTINCT FROM' | 'IS NOT DISTINCT FROM';
export interface Comparison extends Node {
  readonly kind: 'Comparison';
  readonly op: ComparisonOp;
  readonly left: Expression;
  readonly right: Expression;
}
export interface LogicalBinary extends Node {
  readonly kind: 'Logical';
  readonly op: 'AND' | 'OR';
  readonly left: Expression;
  readonly right: Expression;
}
export interface NotExpression extends Node {
  readonly kind: 'Not';
  readonly value: Expression;
}
export interface IsNullPredicate extends Node {
  readonly kind: 'IsNull';
  readonly value: Expression;
  readonly negated: boolean;
}
export interface BetweenPredicate extends Node {
  readonly kind: 'Between';
  readonly value: Expression;
  readonly min: Expression;
  readonly max: Expression;
  readonly negated: boolean;
}
export interface InPredicate extends Node {
  readonly kind: 'In';
  readonly value: Expression;
  readonly list: readonly Expression[];
  readonly negated: boolean;
}
export interface LikePredicate extends Node {
  readonly kind: 'Like';
  readonly value: Expression;
  readonly pattern: Expression;
  /** One character. */
  readonly escape?: string;
  readonly negated: boolean;
}
export interface WhenClause {
  readonly condition: Expression;
  readonly result: Expression;
}
/** `CASE WHEN c THEN r ... ELSE d END`. */
export interface SearchedCase extends Node {
  readonly kind: 'SearchedCase';
  readonly whens: readonly WhenClause[];
  readonly otherwise?: Expression;
}
/** `CASE x WHEN v THEN r ... END`. */
export interface SimpleCase extends Node {
  readonly kind: 'SimpleCase';
  readonly operand: Expression;
  readonly whens: readonly WhenClause[];
  readonly otherwise?: Expression;
}
export interface CastExpression extends Node {
  readonly kind: 'Cast';
  readonly value: Expression;
  readonly type: TypeNode;
}
/** A call, of a scalar, aggregate or table function. `COUNT(*)` has no arguments and `star`. */
export interface FunctionCall extends Node {
  readonly kind: 'Call';
  /** Upper-cased unless quoted. */
  readonly name: string;
  readonly args: readonly Expression[];
  readonly star?: boolean;
}
/** `X => X + 1`, `(X, Y) => X + Y`: only as an argument of a function. */
export interface LambdaExpression extends Node {
  readonly kind: 'Lambda';
  readonly params: readonly string[];
  readonly body: Expression;
}
/** `ARRAY[1, 2]`. */
export interface ArrayConstructor extends Node {
  readonly kind: 'Array';
  readonly elements: readonly Expression[];
}
/** `MAP('k' := v)`. */
export interface MapConstructor extends Node {
  readonly kind: 'Map';
  readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
}
/** `STRUCT(f := v)`. */
export interface StructConstructor extends Node {
  readonly kind: 'Struct';
  readonly fields: readonly { readonly name: string; readonly value: Expression }[];
}
/** `5 SECONDS` as an argument, such as in TIMESTAMPADD(SECONDS, 5, t) the unit alone. */
export interface IntervalUnitLiteral extends Node {
  readonly kind: 'IntervalUnit';
  readonly unit: TimeUnit;
}

export type Literal =
  | NullLiteral
  | BooleanLiteral
  | IntegerLiteral
  | LongLiteral
  | DecimalLiteral
  | DoubleLiteral
  | StringLiteral;

export type Expression =
  | Literal
  | ColumnReference
  | DereferenceExpression
  | SubscriptExpression
  | ArithmeticUnary
  | ArithmeticBinary
  | Concat
  | Comparison
  | LogicalBinary
  | NotExpression
  | IsNullPredicate
  | BetweenPredicate
  | InPredicate
  | LikePredicate
  | SearchedCase
  | SimpleCase
  | CastExpression
  | FunctionCall
  | LambdaExpression
  | ArrayConstructor
  | MapConstructor
  | StructConstructor
  | IntervalUnitLiteral;

// ---------------------------------------------------------------- queries

export type TimeUnit =
  | 'DAY'
  | 'HOUR'
  | 'MINUTE'
  | 'SECOND'
  | 'MILLISECOND'
  | 'MICROSECOND'
  | 'NANOSECOND'
  | 'MONTH'
  | 'YEAR';

/** A duration as written: `SIZE 30 DAYS` is {value: 30n, unit: 'DAY'}. */
export interface Duration {
  readonly value: bigint;
  readonly unit: TimeUnit;
}

export interface WindowExpression extends Node {
  readonly type: 'TUMBLING' | 'HOPPING' | 'SESSION';
  /** SIZE, or a session's gap of inactivity. */
  readonly size: Duration;
  /** ADVANCE BY, of a hopping window. */
  readonly advance?: Duration;
  readonly retention?: Duration;
  readonly grace?: Duration;
}

export interface SelectExpression extends Node {
  readonly kind: 'Single';
  readonly expression: Expression;
  readonly alias?: string;
}
/** `*` or `alias.*`. */
export interface SelectStar extends Node {
  readonly kind: 'Star';
  readonly source?: string;
}
/** `struct->*`. */
export interface SelectStructAll extends Node {
  readonly kind: 'StructAll';
  readonly base: Expression;
}
export type SelectItem = SelectExpression | SelectStar | SelectStructAll;

export interface TableReference extends Node {
  readonly name: string;
  /** As written, or the name. */
  readonly alias: string;
}

/** WITHIN of a stream-stream join. */
export interface WithinExpression {
  readonly before: Duration;
  readonly after: Duration;
  /** True where WITHIN gave one duration for both sides. */
  readonly symmetric: boolean;
  readonly grace?: Duration;
}
export interface JoinClause extends Node {
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'OUTER';
  readonly right: TableReference;
  readonly within?: WithinExpression;
  readonly on: Expression;
}
export interface FromClause {
  readonly left: TableReference;
  readonly joins: readonly JoinClause[];
}

export interface GroupBy extends Node {
  readonly expressions: readonly Expression[];
}
export interface PartitionBy extends Node {
  readonly expressions: readonly Expression[];
}

export interface Query extends Node {
  readonly select: readonly SelectItem[];
  readonly from: FromClause;
  readonly window?: WindowExpression;
  readonly where?: Expression;
  readonly groupBy?: GroupBy;
  readonly partitionBy?: PartitionBy;
  readonly having?: Expression;
  /** Absent: a pull query where it stands alone; CHANGES where it defines a stream or table. */
  readonly emit?: 'CHANGES' | 'FINAL';
  readonly limit?: number;
}

// ---------------------------------------------------------------- statements

/** The WITH clause: names upper-cased, values as literals, in the order written. */
export type WithProperties = ReadonlyMap<string, Literal>;

export interface ColumnDefinition extends Node {
  readonly name: string;
  readonly type: TypeNode;
  readonly constraint?: 'KEY' | 'PRIMARY KEY' | 'HEADERS' | 'HEADER';
  /** The header's name, of HEADER('name'). */
  readonly header?: string;
}

interface StatementNode extends Node {
  /** The statement's own text, without its semicolon, after variables were replaced. */
  readonly text: string;
}

export interface CreateSource extends StatementNode {
  readonly kind: 'CreateSource';
  readonly sourceType: 'STREAM' | 'TABLE';
  readonly name: string;
  readonly orReplace: boolean;
  /** CREATE SOURCE STREAM / TABLE: read only. */
  readonly source: boolean;
  readonly ifNotExists: boolean;
  readonly columns: readonly ColumnDefinition[];
  readonly with: WithProperties;
}
export interface CreateAsSelect extends StatementNode {
  readonly kind: 'CreateAsSelect';
  readonly sourceType: 'STREAM' | 'TABLE';
  readonly name: string;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly with: WithProperties;
  readonly query: Query;
}
export interface InsertInto extends StatementNode {
  readonly kind: 'InsertInto';
  readonly target: string;
  readonly with: WithProperties;
  readonly query: Query;
}
export interface InsertValues extends StatementNode {
  readonly kind: 'InsertValues';
  readonly target: string;
  /** Empty: all columns, in order. */
  readonly columns: readonly string[];
  readonly values: readonly Expression[];
}
export interface QueryStatement extends StatementNode {
  readonly kind: 'Query';
  readonly query: Query;
}
export interface DropSource extends StatementNode {
  readonly kind: 'DropSource';
  readonly sourceType: 'STREAM' | 'TABLE';
  readonly name: string;
  readonly ifExists: boolean;
  readonly deleteTopic: boolean;
}
export interface AlterSource extends StatementNode {
  readonly kind: 'AlterSource';
  readonly sourceType: 'STREAM' | 'TABLE';
  readonly name: string;
  readonly add: readonly { readonly name: string; readonly type: TypeNode }[];
}
export interface CreateType extends StatementNode {
  readonly kind: 'CreateType';
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly type: TypeNode;
}
export interface DropType extends StatementNode {
  readonly kind: 'DropType';
  readonly name: string;
  readonly ifExists: boolean;
}
export interface CreateConnector extends StatementNode {
  readonly kind: 'CreateConnector';
  readonly connectorType: 'SOURCE' | 'SINK';
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly with: ReadonlyMap<string, Literal>;
}
export interface DropConnector extends StatementNode {
  readonly kind: 'DropConnector';
  readonly name: string;
  readonly ifExists: boolean;
}
/** TERMINATE, PAUSE or RESUME of one query (`queryId`) or ALL. */
export interface QueryControl extends StatementNode {
  readonly kind: 'Terminate' | 'Pause' | 'Resume';
  readonly queryId: string | 'ALL';
  readonly all: boolean;
}
/** `SET 'p'='v'` and ALTER SYSTEM 'p'='v'. */
export interface SetProperty extends StatementNode {
  readonly kind: 'SetProperty' | 'AlterSystem';
  readonly property: string;
  readonly value: string;
}
export interface UnsetProperty extends StatementNode {
  readonly kind: 'UnsetProperty';
  readonly property: string;
}
export interface DefineVariable extends StatementNode {
  readonly kind: 'Define';
  readonly name: string;
  readonly value: string;
}
export interface UndefineVariable extends StatementNode {
  readonly kind: 'Undefine';
  readonly name: string;
}
/** LIST and SHOW, which are the same. */
export interface ListStatement extends StatementNode {
  readonly kind: 'List';
  readonly what:
    | 'STREAMS'
    | 'TABLES'
    | 'TOPICS'
    | 'QUERIES'
    | 'FUNCTIONS'
    | 'PROPERTIES'
    | 'TYPES'
    | 'VARIABLES'
    | 'CONNECTORS'
    | 'CONNECTOR PLUGINS';
  readonly extended: boolean;
  /** SHOW ALL TOPICS. */
  readonly all: boolean;
  /** SHOW SOURCE|SINK CONNECTORS. */
  readonly scope?: 'SOURCE' | 'SINK';
}
export interface DescribeSource extends StatementNode {
  readonly kind: 'Describe';
  readonly name: string;
  readonly extended: boolean;
}
/** DESCRIBE STREAMS, DESCRIBE TABLES (EXTENDED). */
export interface DescribeAll extends StatementNode {
  readonly kind: 'DescribeAll';
  readonly what: 'STREAMS' | 'TABLES';
  readonly extended: boolean;
}
export interface DescribeFunction extends StatementNode {
  readonly kind: 'DescribeFunction';
  readonly name: string;
}
export interface DescribeConnector extends StatementNode {
  readonly kind: 'DescribeConnector';
  readonly name: string;
}
export interface ExplainStatement extends StatementNode {
  readonly kind: 'Explain';
  readonly queryId?: string;
  readonly statement?: Statement;
}
export interface PrintTopic extends StatementNode {
  readonly kind: 'Print';
  readonly topic: string;
  readonly fromBeginning: boolean;
  readonly interval?: number;
  readonly limit?: number;
}
export interface RunScript extends StatementNode {
  readonly kind: 'RunScript';
  readonly file: string;
}
export interface AssertTopic extends StatementNode {
  readonly kind: 'AssertTopic';
  readonly topic: string;
  readonly exists: boolean;
  readonly with: WithProperties;
  readonly timeout?: Duration;
}
export interface AssertSchema extends StatementNode {
  readonly kind: 'AssertSchema';
  readonly exists: boolean;
  readonly subject?: string;
  readonly id?: number;
  readonly timeout?: Duration;
}
/** Statements of ksqlDB's test scripts. */
export interface AssertValues extends StatementNode {
  readonly kind: 'AssertValues';
  readonly source: string;
  readonly columns: readonly string[];
  readonly values: readonly Expression[];
}
export interface AssertTombstone extends StatementNode {
  readonly kind: 'AssertTombstone';
  readonly source: string;
  readonly columns: readonly string[];
  readonly values: readonly Expression[];
}
export interface AssertSource extends StatementNode {
  readonly kind: 'AssertSource';
  readonly sourceType: 'STREAM' | 'TABLE';
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly with: WithProperties;
}

export type Statement =
  | CreateSource
  | CreateAsSelect
  | InsertInto
  | InsertValues
  | QueryStatement
  | DropSource
  | AlterSource
  | CreateType
  | DropType
  | CreateConnector
  | DropConnector
  | QueryControl
  | SetProperty
  | UnsetProperty
  | DefineVariable
  | UndefineVariable
  | ListStatement
  | DescribeSource
  | DescribeAll
  | DescribeFunction
  | DescribeConnector
  | ExplainStatement
  | PrintTopic
  | RunScript
  | AssertTopic
  | AssertSchema
  | AssertValues
  | AssertTombstone
  | AssertSource;
