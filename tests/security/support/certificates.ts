import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  /** Paths of PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  readonly caFile: string;
  readonly ca: string;
  /** For localhost and 127.0.0.1. */
  readonly server: Certificate;
  /** As `server`, and its last day was yesterday. */
  readonly expired: Certificate;
  /** For another host. */
  readonly elsewhere: Certificate;
  readonly client: Certificate;
  /** Another authority, which signed nothing of the above. */
  readonly otherCaFile: string;
  readonly folder: string;
  remove(): void;
}

/** A certificate authority and certificates made on the spot by openssl. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'paystream-tls-'));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });

  const authority = (name: string) =>
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
      ...[
        '-addext',
        'basicConstraints=critical,CA:TRUE',
        '-keyout',
        path(`${name}.key`),
        '-out',
        path(`${name}.crt`),
      ],
    );
  authority('ca');
  authority('other-ca');

  // `openssl ca` alone lets the dates be chosen.
  writeFileSync(path('index.txt'), '');
  writeFileSync(
    path('ca.cnf'),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${path('index.txt')}\nnew_certs_dir=${folder}\nrand_serial=yes\ndefault_md=sha256
certificate=${path('ca.crt')}\nprivate_key=${path('ca.key')}\npolicy=p\nunique_subject=no\ncopy_extensions=copy\n[p]\ncommonName=supplied\n`,
  );
  const day = (offset: number) =>
    `${new Date(Date.now() + offset * 86_400_000).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
  const signed = (name: string, names: string, from: number, to: number): Certificate => {
    const [keyFile, certFile] = [path(`${name}.key`), path(`${name}.crt`)];
    openssl(
      ...['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`],
      ...['-addext', `subjectAltName=${names}`, '-keyout', keyFile, '-out', path(`${name}.csr`)],
    );
    openssl(
      ...['ca', '-batch', '-notext', '-config', path('ca.cnf'), '-in', path(`${name}.csr`), '-out', certFile],
      ...['-startdate', day(from), '-enddate', day(to)],
    );
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  };
  const here = 'DNS:localhost,IP:127.0.0.1';
  return {
    folder,
    caFile: path('ca.crt'),
    ca: readFileSync(path('ca.crt'), 'utf8'),
    otherCaFile: path('other-ca.crt'),
    server: signed('server', here, -1, 1),
    expired: signed('expired', here, -3, -1),
    elsewhere: signed('elsewhere', 'DNS:elsewhere.example', -1, 1),
    client: signed('client', 'DNS:client', -1, 1),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
