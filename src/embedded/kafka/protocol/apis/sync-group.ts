/**
 * SyncGroup (key 14), versions 0 to 5, flexible from 4.
 *
 * - Answers when the leader has brought the assignment. UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION,
 *   REBALANCE_IN_PROGRESS, FENCED_INSTANCE_ID, and INCONSISTENT_GROUP_PROTOCOL (from 5) as in Kafka.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const syncGroup: Api = { key: 14, name: 'SyncGroup', versions: [0, 5], flexibleFrom: 4, handle };

async function handle({ reader, version, broker }: ApiRequest): Promise<Reply> {
  const groupId = reader.string();
  const generation = reader.int32();
  const memberId = reader.string();
  const instanceId = version >= 3 ? reader.nullableString() : null;
  const protocolType = version >= 5 ? reader.nullableString() : null;
  const protocol = version >= 5 ? reader.nullableString() : null;
  const assignments = reader.array(() => {
    const assignment = { memberId: reader.string(), assignment: reader.bytes() };
    reader.tags();
    return assignment;
  });
  const group = broker.groups.group(groupId);
  const result =
    group === undefined
      ? {
          error: groupId === '' ? ('INVALID_GROUP_ID' as const) : ('UNKNOWN_MEMBER_ID' as const),
          protocolType: null,
          protocol: null,
          assignment: Buffer.alloc(0),
        }
      : await group.sync(memberId, instanceId, generation, protocolType, protocol, assignments);
  return (writer) => {
    if (version >= 1) writer.int32(0);
    writer.int16(result.error === undefined ? 0 : errorCode(result.error));
    if (version >= 5) writer.string(result.protocolType).string(result.protocol);
    writer.bytes(result.assignment).tags();
  };
}
