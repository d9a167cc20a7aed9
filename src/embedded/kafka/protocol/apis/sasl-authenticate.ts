/**
 * SaslAuthenticate (key 36), versions 0 to 2, flexible from 2.
 *
 * - One step of a login with the mechanism from SaslHandshake. Sessions do not expire.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const saslAuthenticate: Api = {
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexibleFrom: 2,
  isBeforeLogin: true,
  handle,
};

function handle({ reader, version, connection }: ApiRequest): Reply {
  const { sasl } = connection;
  const bytes = reader.bytes();
  const result =
    sasl === undefined
      ? {
          code: errorCode('ILLEGAL_SASL_STATE'),
          message: 'This broker requires no login',
          answer: Buffer.alloc(0),
        }
      : sasl.authenticate(bytes);
  return (writer) => {
    writer.int16(result.code).string(result.message).bytes(result.answer);
    if (version >= 1) writer.int64(0);
    writer.tags();
  };
}
