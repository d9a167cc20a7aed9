/**
 * Heartbeat (key 12), versions 0 to 4, flexible from 4.
 *
 * - REBALANCE_IN_PROGRESS while the group waits for members to join again.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const heartbeat: Api = { key: 12, name: 'Heartbeat', versions: [0, 4], flexibleFrom: 4, handle };

function handle({ reader, version, broker }: ApiRequest): Reply {
  const groupId = reader.string();
  const generation = reader.int32();
  const memberId = reader.string();
  const instanceId = version >= 3 ? reader.nullableString() : null;
  const group = broker.groups.group(groupId);
  const error = group === undefined ? 'UNKNOWN_MEMBER_ID' : group.heartbeat(memberId, instanceId, generation);
  return (writer) => {
    if (version >= 1) writer.int32(0);
    writer.int16(error === undefined ? 0 : errorCode(error)).tags();
  };
}
