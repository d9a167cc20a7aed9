/**
 * ApiVersions (key 18), versions 0 to 4, flexible from 3 (the response header is never flexible).
 *
 * - Lists the APIs that this broker supports. The connection itself answers unknown versions, with a version 0
 *   response that contains UNSUPPORTED_VERSION and the list (KIP-511).
 * - No features are finalized: `transaction.version` 2 and the new group protocol are not supported.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Writer } from '../../records/writer.js';
import type { Api, ApiRequest, BrokerServices, Reply } from '../api.js';

export const apiVersions: Api = {
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleFrom: 3,
  isBeforeLogin: true,
  handle,
};

function handle({ reader, version, broker }: ApiRequest): Reply {
  if (version >= 3) {
    reader.string(); // client software name
    reader.string(); // client software version
  }
  return (writer) => {
    writer.int16(0);
    writeList(writer, broker.apis);
    if (version >= 1) writer.int32(0);
    writer.tags();
  };
}

/** Writes the response to a version that this broker does not know. */
export function writeUnsupportedApiVersions(writer: Writer, apis: BrokerServices['apis']): void {
  writer.int16(errorCode('UNSUPPORTED_VERSION'));
  writeList(writer, apis);
}

function writeList(writer: Writer, apis: BrokerServices['apis']): void {
  writer.array(apis.values(), ({ key, versions: [first, last] }) => {
    writer.int16(key).int16(first).int16(last).tags();
  });
}
