import { createRequire } from 'node:module';
import { KafkaError } from '../errors/error-codes.js';

const require = createRequire(import.meta.url);

/**
 * Loads a codec's package on first use.
 *
 * @throws KafkaError UNSUPPORTED_COMPRESSION_TYPE if the package or its prebuilt module is missing
 */
export function library<T>(name: string): T {
  try {
    return require(name) as T;
  } catch (cause) {
    throw new KafkaError('UNSUPPORTED_COMPRESSION_TYPE', `The package ${name} could not be loaded`, {
      cause,
      hint: `Run npm install with optional dependencies on this machine to install ${name}'s native module.`,
    });
  }
}
