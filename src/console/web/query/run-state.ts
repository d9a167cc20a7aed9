import type { RunEvent, Span, WireColumn, WireError } from '../../wire.js';
import { RowBuffer } from './row-buffer.js';

/** The result of one statement so far. */
export interface StatementResult {
  readonly text: string;
  columns: readonly WireColumn[];
  buffer: RowBuffer | undefined;
  push: boolean;
  readonly messages: string[];
  error: WireError | undefined;
  ms: number | undefined;
}

/** The results of a script so far. Events update it in place, because a tail can send thousands per second. */
export class RunState {
  readonly results: StatementResult[] = [];
  /** An error outside a statement. `errorAt` is the position of any error in the script. */
  error: WireError | undefined;
  errorAt: Span | undefined;
  readonly startedAt = Date.now();
  endedAt: number | undefined;
  stopped = false;

  apply(event: RunEvent): void {
    const result = this.results.at(-1);
    switch (event.type) {
      case 'statement':
        this.results.push({
          text: event.text,
          columns: [],
          buffer: undefined,
          push: false,
          messages: [],
          error: undefined,
          ms: undefined,
        });
        break;
      case 'columns':
        if (result === undefined) break;
        result.columns = event.columns;
        result.push = event.push;
        result.buffer = new RowBuffer(event.push);
        break;
      case 'rows':
        result?.buffer?.add(event.rows);
        break;
      case 'message':
        result?.messages.push(event.text);
        break;
      case 'done':
        if (result !== undefined) result.ms = event.ms;
        break;
      case 'error':
        this.errorAt = event.at;
        if (result === undefined || result.ms !== undefined) this.error = event.error;
        else result.error = event.error;
        break;
      case 'end':
        this.endedAt = Date.now();
        break;
    }
  }

  fail(error: WireError): void {
    const result = this.results.at(-1);
    if (result === undefined) this.error = error;
    else result.error = error;
    this.endedAt = Date.now();
  }
}
