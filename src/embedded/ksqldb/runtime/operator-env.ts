import type { SideFormat } from '../catalog/data-source.js';
import type { Serde } from '../formats/format.js';
import { formatNamed } from '../formats/index.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import type { FunctionRegistry } from '../functions/registry.js';
import type { LogType, OperatorEnv } from '../operators/operator-env.js';
import type { Column } from '../schema/schema.js';

export interface EnvOptions {
  readonly functions: FunctionRegistry;
  readonly config: ReadonlyMap<string, string>;
  readonly partitionsOf: (topic: string) => number;
  /** Required by AVRO, PROTOBUF and JSON_SR. */
  readonly registry?: RegistryClient | undefined;
  readonly isCaching: boolean;
  readonly now: () => number;
  readonly log: (
    context: readonly string[],
    type: LogType,
    message: string,
    cause: unknown,
    topic?: string,
  ) => void;
}

function serde(
  side: SideFormat,
  columns: readonly Column[],
  topic: string,
  isKey: boolean,
  registry: RegistryClient | undefined,
): Serde {
  const format = formatNamed(side.format);
  return format.createSerde({
    columns,
    properties: side.properties,
    wrapSingle: columns.length === 1 && (side.wrapSingle ?? format.wrapping.byDefault),
    topic,
    isKey,
    ...(registry === undefined ? {} : { registry }),
  });
}

/** Creates the environment in which a query's operators are compiled. */
export function operatorEnv(options: EnvOptions): OperatorEnv {
  return {
    ...options,
    keySerde: (format, columns, topic) => serde(format, columns, topic, true, options.registry),
    valueSerde: (format, columns, topic) => serde(format, columns, topic, false, options.registry),
  };
}
