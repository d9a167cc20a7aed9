import { CodedError } from '../errors/paystream-error.js';
import type { WireError } from './wire.js';

/** Converts an error for the browser: without stack, cause or credentials. */
export function wireError(error: unknown): WireError {
  if (error instanceof CodedError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.where === undefined ? {} : { where: withoutCredentials(error.where) }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
  return {
    code: 'CONSOLE_INTERNAL',
    message: 'The console failed to process this request.',
    hint: 'See the output of `paystream console` for the reason.',
  };
}

/** An address may have been configured as `http://user:password@host`. */
export function withoutCredentials(address: string): string {
  try {
    const url = new URL(address);
    url.username = '';
    url.password = '';
    return url.href.replace(/\/$/, '');
  } catch {
    return address;
  }
}
