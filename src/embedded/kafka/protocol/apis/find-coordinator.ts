/**
 * FindCoordinator (key 10), versions 0 to 6, flexible from 3, several keys at once from 4.
 *
 * - This broker coordinates every group (type 0) and transactional id (type 1, from 1). Share groups: INVALID_REQUEST.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

const group = 0;
const transaction = 1;

export const findCoordinator: Api = {
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 6],
  flexibleFrom: 3,
  handle,
};

function handle({ reader, version, broker, connection }: ApiRequest): Reply {
  const single = version <= 3 ? reader.string() : undefined;
  const type = version >= 1 ? reader.int8() : group;
  const keys = single === undefined ? reader.array(() => reader.string()) : [single];
  const code = type === group || type === transaction ? 0 : errorCode('INVALID_REQUEST');
  const { host, port } = connection.advertised;
  return (writer) => {
    const node = () =>
      writer
        .int32(code === 0 ? broker.nodeId : -1)
        .string(code === 0 ? host : '')
        .int32(code === 0 ? port : -1);
    if (version >= 1) writer.int32(0);
    if (version <= 3) {
      writer.int16(code);
      if (version >= 1) writer.string(null);
      node();
    } else {
      writer.array(keys, (key) => {
        writer.string(key);
        node().int16(code).string(null).tags();
      });
    }
    writer.tags();
  };
}
