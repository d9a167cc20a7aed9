import type { BoundAggregate } from '../functions/function.js';
import { KsqlFunctionException } from '../functions/function-error.js';
import { bindAggregate } from '../plan/bind-aggregate.js';
import type { AggregateStep } from '../plan/step.js';
import type { Value } from '../types/value.js';
import type { TopologyBuilder } from './operator-env.js';
import type { Row } from './record.js';

/** The functions of an aggregation over one state row, which holds the carried columns and then the state of each function. */
export class AggregateFunctions {
  readonly #keep: readonly number[];
  readonly #bound: readonly BoundAggregate[];
  readonly #args: readonly (readonly number[])[];
  readonly #width: number;
  readonly #keepCount: number;
  /** The columns of a state row. */
  readonly stateTypes: readonly { readonly name: string; readonly type: BoundAggregate['stateType'] }[];

  constructor(step: AggregateStep, builder: TopologyBuilder) {
    const columns = step.input.schema.value;
    const slotOf = (name: string): number => columns.findIndex((column) => column.name === name);
    const scope = builder.scope(step.input, step.context);
    this.#keep = step.keep.map(slotOf);
    const bindings = step.functions.map((call) => bindAggregate(call, scope));
    this.#bound = bindings.map(({ bound }) => bound);
    this.#args = step.functions.map((call, i) =>
      call.args.slice(0, bindings[i]!.columns).map((arg) => slotOf(arg.kind === 'Column' ? arg.name : '')),
    );
    this.#keepCount = this.#keep.length;
    this.#width = this.#keepCount + this.#bound.length;
    this.stateTypes = [
      ...this.#keep.map((slot) => columns[slot]!),
      ...this.#bound.map((bound, i) => ({ name: `A${i}`, type: bound.stateType })),
    ];
  }

  initial(): Row {
    const state = new Array<Value>(this.#width).fill(null);
    for (let i = 0; i < this.#bound.length; i++) state[this.#keepCount + i] = this.#bound[i]!.initial();
    return state;
  }

  add(state: Row, row: Row): Row {
    const next = new Array<Value>(this.#width);
    const keepCount = this.#keepCount;
    for (let i = 0; i < keepCount; i++) next[i] = row[this.#keep[i]!]!;
    try {
      for (let i = 0; i < this.#bound.length; i++) {
        next[keepCount + i] = this.#bound[i]!.add(state[keepCount + i]!, this.#argsOf(i, row));
      }
    } catch (error) {
      // Unlike the failure of a scalar function, that of an aggregate stops the query.
      throw new KsqlFunctionException(error instanceof Error ? error.message : String(error), error);
    }
    return next;
  }

  undo(state: Row, row: Row): Row {
    const next = new Array<Value>(this.#width);
    const keepCount = this.#keepCount;
    for (let i = 0; i < keepCount; i++) next[i] = row[this.#keep[i]!]!;
    for (let i = 0; i < this.#bound.length; i++) {
      next[keepCount + i] = this.#bound[i]!.undo!(state[keepCount + i]!, this.#argsOf(i, row));
    }
    return next;
  }

  merge(a: Row, b: Row): Row {
    const keepCount = this.#keepCount;
    return a.map((value, i) =>
      i < keepCount ? (value ?? b[i]!) : this.#bound[i - keepCount]!.merge(value, b[i]!),
    );
  }

  /** Returns the row of the result: the carried columns, the results, then the bounds of the window. */
  result(state: Row, bounds: readonly Value[]): Row {
    const row = new Array<Value>(this.#width + bounds.length);
    const keepCount = this.#keepCount;
    for (let i = 0; i < keepCount; i++) row[i] = state[i]!;
    for (let i = 0; i < this.#bound.length; i++) {
      row[keepCount + i] = this.#bound[i]!.result(state[keepCount + i]!);
    }
    for (let i = 0; i < bounds.length; i++) row[this.#width + i] = bounds[i]!;
    return row;
  }

  #argsOf(index: number, row: Row): readonly Value[] {
    const slots = this.#args[index]!;
    const args = new Array<Value>(slots.length);
    for (let i = 0; i < slots.length; i++) args[i] = row[slots[i]!]!;
    return args;
  }
}
