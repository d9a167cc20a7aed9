import { pino } from 'pino';
import type { SinkLogger } from '../../sink/logger.js';

/** Logs one JSON object per line to stderr, at PAYSTREAM_LOG_LEVEL (default: info). */
export function jsonLogger(): SinkLogger {
  const log = pino(
    {
      base: null,
      level: process.env.PAYSTREAM_LOG_LEVEL ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ fd: 2, sync: true }),
  );
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
  };
}
