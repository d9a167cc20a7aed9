import type { WindowExpression } from '../../../sql/ast.js';

import { KsqlException } from '../errors.js';
import type { WindowInfo } from '../schema/schema.js';
import { durationMs } from './planner-env.js';
import type { WindowPlan } from './step.js';

const dayMs = 86_400_000;

/**
 * Converts the durations of a window to milliseconds. The default grace period is 24 hours minus the size, as in Kafka
 * Streams, or zero with EMIT FINAL.
 */
export function windowPlan(window: WindowExpression, emitFinal: boolean): WindowPlan {
  const size = durationMs(window.size);
  const advance = window.advance === undefined ? size : durationMs(window.advance);
  if (size === 0) {
    throw new KsqlException(
      window.type === 'SESSION' ? 'Gap time cannot be zero or negative.' : 'Size must be positive',
    );
  }
  if (advance === 0 || advance > size) {
    throw new KsqlException(
      'Window advancement interval should be more than zero and less than window duration which is ' +
        `${size} ms, but given advancement interval is: ${advance} ms`,
    );
  }
  const defaultGrace = emitFinal ? 0 : Math.max(dayMs - size, 0);
  const grace = window.grace === undefined ? defaultGrace : durationMs(window.grace);
  const smallest = size + grace;
  const retention = window.retention === undefined ? smallest : durationMs(window.retention);
  if (retention < smallest) {
    throw new KsqlException(
      'The retention period of the window store Aggregate-Aggregate-Materialize must be no smaller than its window ' +
        `size plus the grace period. Got size=[${size}], grace=[${grace}], retention=[${retention}]`,
    );
  }
  return {
    type: window.type,
    size,
    advance,
    grace,
    retention,
    emitFinal,
  };
}

export function windowInfoOf(plan: WindowPlan): WindowInfo {
  return plan.type === 'SESSION' ? { type: plan.type } : { type: plan.type, sizeMs: plan.size };
}
