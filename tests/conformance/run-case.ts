import type { CaseFile, ConformanceCase } from './case-file.js';
import { errorText } from './expected-error.js';
import { type CaseResult, failed } from './result.js';
import { runQtt } from './run-qtt.js';
import { runRest } from './run-rest.js';
import { runYatt } from './run-yatt.js';

/** Runs a case by the rules of its suite; never rejects. */
export async function runCase(file: CaseFile, test: ConformanceCase): Promise<CaseResult> {
  try {
    switch (file.suite) {
      case 'qtt':
      case 'runner':
        return runQtt(test);
      case 'yatt':
        return runYatt(test);
      case 'rest':
        return await runRest(test);
      default:
        return { run: failed(`unknown suite ${String(file.suite)}`) };
    }
  } catch (error) {
    return { run: failed(errorText(error)) };
  }
}
