import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

// The package's entry point pulls in several hundred small modules and takes a good part of a second to load;
// the bundle that it ships beside them is the same code and loads in about 15 ms.
const entry = createRequire(import.meta.url).resolve('chevrotain');
const bundle = pathToFileURL(join(dirname(entry), '..', 'chevrotain.min.mjs')).href;

export const { createToken, EmbeddedActionsParser, EOF, Lexer, LLkLookaheadStrategy, tokenMatcher } =
  (await import(bundle)) as typeof import('chevrotain');
