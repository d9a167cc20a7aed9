/**
 * SaslHandshake (key 17), versions 0 to 1, never flexible.
 *
 * - Chooses the mechanism. After version 0 the login's bytes follow without request headers; after 1 they
 *   come as SaslAuthenticate. A mechanism that is not enabled: UNSUPPORTED_SASL_MECHANISM and the list.
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
