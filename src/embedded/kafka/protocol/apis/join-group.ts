/**
 * JoinGroup (key 11), versions 0 to 9, flexible from 6.
 *
 * - Answers when all members have joined or the rebalance timeout is over; the leader gets all subscriptions.
 * - From 4 a new dynamic member first gets MEMBER_ID_REQUIRED and its id. Static members from 5.
 * - Version 0 has no rebalance timeout: the session timeout serves.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const joinGroup: Api = { key: 11, name: 'JoinGroup', versions: [0, 9], flexibleFrom: 6, handle };

async function handle({ reader, version, broker, clientId, connection }: ApiRequest): Promise<Reply> {
  const groupId = reader.string();
  const sessionTimeout = reader.int32();
  const rebalanceTimeout = version >= 1 ? reader.int32() : sessionTimeout;
  const memberId = reader.string();
  const instanceId = version >= 5 ? reader.nullableString() : null;
  const protocolType = reader.string();
  const protocols = reader.array(() => {
    const name = reader.string();
    // A copy: the group outlives the request.
    const metadata = Buffer.from(reader.bytes());
    reader.tags();
    return { name, metadata };
  });
  const result = await broker.groups.join(groupId, {
    memberId,
    instanceId,
    clientId: clientId ?? '',
    clientHost: `/${connection.peerHost}`,
    sessionTimeout,
    rebalanceTimeout,
    protocolType,
    protocols,
    requiresKnownMemberId: version >= 4,
    canSkipAssignment: version >= 9,
  });
  return (writer) => {
    if (version >= 2) writer.int32(0);
    writer.int16(result.error === undefined ? 0 : errorCode(result.error)).int32(result.generation);
    if (version >= 7) writer.string(result.protocolType);
    writer.string(version >= 7 ? result.protocol : (result.protocol ?? '')).string(result.leader);
    if (version >= 9) writer.boolean(result.skipAssignment ?? false);
    writer.string(result.memberId);
    writer.array(result.members, (member) => {
      writer.string(member.memberId);
      if (version >= 5) writer.string(member.instanceId);
      writer.bytes(member.metadata).tags();
    });
    writer.tags();
  };
}
