import type { Session } from '../session.js';
import type { Engine } from './engine.js';

/** Returns the server's properties, overridden by the session's. */
export function mergedConfig(engine: Engine, session: Session): ReadonlyMap<string, string> {
  return session.properties.size === 0 ? engine.config : new Map([...engine.config, ...session.properties]);
}

/** Reads a boolean property. */
export function isEnabled(config: ReadonlyMap<string, string>, name: string, byDefault: boolean): boolean {
  const value = config.get(name);
  return value === undefined ? byDefault : value.trim().toLowerCase() === 'true';
}
