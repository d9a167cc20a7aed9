import { resolve } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: resolve(import.meta.dirname, '../../../dist/console/web'),
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    // A data: address would need another policy; the page has no images to inline anyway.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
