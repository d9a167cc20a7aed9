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

/** `script` and `style` from here only; no element can be made from text that holds markup (Trusted Types). */
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

/** The built page, from memory. */
export class StaticFiles {
  readonly #files: ReadonlyMap<string, StaticFile>;

  private constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files;
  }

  static async load(): Promise<StaticFiles> {
    // Beside this file in dist; from src, as the tests run it, the page that `npm run build` made.
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

  /** Answers with a file, or with the page for its own addresses. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    const isPage = extname(path) === '';
    const file = this.#files.get(isPage ? '/index.html' : path);
    if (file === undefined) {
      response
        .writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
        .end('There is no such file.\n');
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
    // File names hold a hash of their content.
    response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    const gzipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    if (gzipped) response.setHeader('Content-Encoding', 'gzip');
    response.end(gzipped ? file.gzipped : file.bytes);
  }
}
