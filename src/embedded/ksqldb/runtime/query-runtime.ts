import type { OperatorEnv, RawRecord } from '../operators/operator-env.js';
import type { Next } from '../operators/record.js';
import { StreamsException } from '../operators/source.js';
import type { PlannedQuery } from '../plan/command.js';
import { CompiledQuery } from './compiled-query.js';
import type { OutputRecord } from './output-record.js';
import { sinkWriter } from './sink-writer.js';

/** A compiled persistent query that collects output records. The caller reads and writes the topics. */
export class QueryRuntime {
  readonly query: PlannedQuery;
  readonly compiled: CompiledQuery;
  #outputs: OutputRecord[] = [];

  constructor(query: PlannedQuery, env: OperatorEnv) {
    this.query = query;
    const { sink } = query.plan;
    const next: Next =
      sink === undefined
        ? () => {}
        : sinkWriter(sink, env, (record) => {
            this.#outputs.push(record);
          });
    this.compiled = new CompiledQuery(query.plan, next, env);
  }

  /** @throws StreamsException that names the record if processing it fails */
  process(topic: string, record: RawRecord): void {
    try {
      this.compiled.process(topic, record);
    } catch (error) {
      if (error instanceof StreamsException) throw error;
      throw new StreamsException(
        `Exception caught in process. taskId=0_${record.partition}, topic=${topic}, partition=${record.partition}, ` +
          `offset=${record.offset}: ${error instanceof Error ? error.message : String(error)}`,
        error,
      );
    }
  }

  takeOutputs(): readonly OutputRecord[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}
