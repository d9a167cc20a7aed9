/**
 * SaslHandshake (key 17), versions 0 to 1, never flexible.
 *
 * - Selects the mechanism. After version 0, the client sends the login without request headers; after version 1, in
 *   SaslAuthenticate. If the mechanism is not enabled, returns UNSUPPORTED_SASL_MECHANISM and the list.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';
import { never } from '../api.js';

export const saslHandshake: Api = {
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  flexibleFrom: never,
  isBeforeLogin: true,
  handle,
};

function handle({ reader, version, connection }: ApiRequest): Reply {
  const mechanism = reader.string();
  const { sasl } = connection;
  const code = sasl === undefined ? errorCode('ILLEGAL_SASL_STATE') : sasl.choose(mechanism, version === 0);
  return (writer) => {
    writer.int16(code).array(sasl?.mechanisms ?? [], (name) => writer.string(name));
  };
}
