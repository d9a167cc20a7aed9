import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PaystreamError } from '../errors/paystream-error.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const NONCE = '__CSP_NONCE__';

interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

/** Allows scripts and styles only from this server. Trusted Types prevent text from becoming markup. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** Serves the built page from memory. */
export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>;

  private constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files;
  }

  static async load(): Promise<StaticFiles> {
    // In dist, the page is beside this file. Tests run from src and use the page that `npm run build` created.
    const beside = fileURLToPath(new URL('./web/', import.meta.url));
    const folder = existsSync(join(beside, 'assets'))
      ? beside
      : fileURLToPath(new URL('../../dist/console/web/', import.meta.url));
    if (!existsSync(join(folder, 'index.html'))) {
      throw new PaystreamError('CONSOLE_NOT_BUILT', "The console's page is not built.", {
        where: folder,
        hint: 'Run `npm run build`.',
      });
    }
    const files = new Map<string, StaticFile>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const type = TYPES[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = await readFile(path);
      const name = path.slice(folder.length).split('\\').join('/').replace(/^\//, '');
      files.set(`/${name}`, { type, bytes, gzipped: await promisify(gzip)(bytes) });
    }
    return new StaticFiles(files);
  }

  /** Responds with a file, or with the page for the paths of the page. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    const isPage = extname(path) === '';
    const file = this.#files.get(isPage ? '/index.html' : path);
    if (file === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('File not found.\n');
      return;
    }
    response.setHeader('Content-Type', file.type);
    if (isPage || path === '/index.html') {
      const nonce = randomBytes(16).toString('base64');
      response.setHeader('Content-Security-Policy', contentSecurityPolicy(nonce));
      response.setHeader('Cache-Control', 'no-store');
      response.end(file.bytes.toString().replace(NONCE, nonce));
      return;
    }
    // File names contain a hash of the content, so they can be cached forever.
    response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    const gzipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    if (gzipped) response.setHeader('Content-Encoding', 'gzip');
    response.end(gzipped ? file.gzipped : file.bytes);
  }
}
