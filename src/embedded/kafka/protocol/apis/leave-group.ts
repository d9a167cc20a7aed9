/**
 * LeaveGroup (key 13), versions 0 to 5, flexible from 4.
 *
 * - From 3 several members at once, static ones by their instance id alone (KIP-345).
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const leaveGroup: Api = { key: 13, name: 'LeaveGroup', versions: [0, 5], flexibleFrom: 4, handle };

function handle({ reader, version, broker }: ApiRequest): Reply {
  const group = broker.groups.group(reader.string());
  const members =
    version <= 2
      ? [{ memberId: reader.string(), instanceId: null }]
      : reader.array(() => {
          const member = { memberId: reader.string(), instanceId: reader.nullableString() };
          if (version >= 5) reader.nullableString(); // reason
          reader.tags();
          return member;
        });
  const results = members.map(({ memberId, instanceId }) => {
    const error = group === undefined ? 'UNKNOWN_MEMBER_ID' : group.leave(memberId, instanceId);
    return { memberId, instanceId, code: error === undefined ? 0 : errorCode(error) };
  });
  return (writer) => {
    if (version >= 1) writer.int32(0);
    writer.int16(version <= 2 ? results[0]!.code : 0);
    if (version >= 3) {
      writer.array(results, ({ memberId, instanceId, code }) => {
        writer.string(memberId).string(instanceId).int16(code).tags();
      });
    }
    writer.tags();
  };
}
