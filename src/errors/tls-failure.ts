import { type ErrorLink, errorChain } from './error-chain.js';

// https://nodejs.org/api/errors.html#openssl-error-codes. EPROTO reports an alert from the peer.
const tlsCode = /CERT|ALTNAME|SELF_SIGNED|UNABLE_TO|^ERR_SSL|^ERR_TLS|^EPROTO|^CRL_/;

/** Returns the link of the chain that reports a failed TLS handshake or a rejected certificate, if there is one. */
export function tlsFailure(error: unknown): ErrorLink | undefined {
  return errorChain(error).find(({ code }) => typeof code === 'string' && tlsCode.test(code));
}
