import type { Session } from '../session.js';
import type { Engine } from './engine.js';

/** The server's properties with the session's over them. */
export function mergedConfig(engine: Engine, session: Session): ReadonlyMap<string, string> {
  return session.properties.size === 0 ? engine.config : new Map([...engine.config, ...session.properties]);
}

/** A switch of ksqlDB's; `byDefault` where neither the session nor the server says anything. */
export function isEnabled(config: ReadonlyMap<string, string>, name: string, byDefault: boolean): boolean {
  const value = config.get(name);
  return value === undefined ? byDefault : value.trim().toLowerCase() === 'true';
}
