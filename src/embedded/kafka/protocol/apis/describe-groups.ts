/**
 * DescribeGroups (key 15), versions 0 to 6, flexible from 5.
 *
 * - A group that does not exist is Dead without an error up to 5, GROUP_ID_NOT_FOUND from 6 (KIP-1043).
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';
import { operationsNotAsked } from '../api.js';

/** READ, DELETE, DESCRIBE as bits. */
const groupOperations = 0b1_0100_1000;

export const describeGroups: Api = {
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 6],
  flexibleFrom: 5,
  handle,
};

function handle({ reader, version, broker }: ApiRequest): Reply {
  const ids = reader.array(() => reader.string());
  const asksOperations = version >= 3 ? reader.boolean() : false;
  return (writer) => {
    if (version >= 1) writer.int32(0);
    writer.array(ids, (id) => {
      const group = broker.groups.group(id);
      const isMissing = group === undefined && version >= 6;
      writer.int16(isMissing ? errorCode('GROUP_ID_NOT_FOUND') : 0);
      if (version >= 6) writer.string(isMissing ? `Group ${id} not found.` : null);
      writer
        .string(id)
        .string(group?.state ?? 'Dead')
        .string(group?.protocolType ?? '');
      writer.string(group?.state === 'Stable' ? (group.protocol ?? '') : '');
      writer.array(group === undefined ? [] : [...group.members.values()], (member) => {
        const isStable = group!.state === 'Stable';
        writer.string(member.memberId);
        if (version >= 4) writer.string(member.instanceId);
        writer.string(member.clientId).string(member.clientHost);
        writer.bytes(isStable ? group!.metadataOf(member) : Buffer.alloc(0));
        writer.bytes(isStable ? member.assignment : Buffer.alloc(0)).tags();
      });
      if (version >= 3) writer.int32(asksOperations ? groupOperations : operationsNotAsked);
      writer.tags();
    });
    writer.tags();
  };
}
