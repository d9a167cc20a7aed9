import { createRegistry } from '../../src/embedded/ksqldb/functions/builtin.js';
import type { FunctionRegistry } from '../../src/embedded/ksqldb/functions/registry.js';
import type { ConformanceCase } from './case-file.js';
import { TEST_FUNCTIONS } from './test-functions.js';

const builtIn = createRegistry();
let withTestFunctions: FunctionRegistry | undefined;

/** The functions that a case may call: those of ksqlDB's test jars only where it needs them. */
export function functionsFor({ needs }: ConformanceCase): FunctionRegistry {
  if (needs.testFunctions.length === 0) return builtIn;
  withTestFunctions ??= createRegistry(TEST_FUNCTIONS);
  return withTestFunctions;
}
