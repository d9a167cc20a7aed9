import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { PaystreamError } from '../errors/paystream-error.js';
import { type ConfigFile, configSchema } from './config-schema.js';

/**
 * Reads and checks paystream.yaml: `${NAME}` in a text is the environment's, `...File` is read from that file
 * (relative to the configuration) into the key without `File`. Errors name the key and the line.
 */
export function readConfigFile(path: string, env: NodeJS.ProcessEnv): ConfigFile {
  const text = readFileSync(path, 'utf8');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    throw invalid(
      path,
      lineCounter.linePos(syntax.pos[0]).line,
      syntax.message.split('\n')[0] ?? syntax.message,
    );
  }
  const lineOf = (keys: readonly PropertyKey[]): number => {
    // The deepest node that exists: an unknown or missing key is reported at its parent.
    for (let depth = keys.length; depth > 0; depth--) {
      const parent = depth === 1 ? document.contents : document.getIn(keys.slice(0, depth - 1), true);
      const pair = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && item.key.value === keys[depth - 1])
        : undefined;
      if (pair !== undefined && isScalar(pair.key) && pair.key.range)
        return lineCounter.linePos(pair.key.range[0]).line;
    }
    return 1;
  };

  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string' || !node.value.includes('${')) return;
      node.value = node.value.replace(/\$\{(\w+)\}/g, (_match, name: string) => {
        const value = env[name];
        if (value !== undefined) return value;
        const line = node.range ? lineCounter.linePos(node.range[0]).line : 1;
        throw invalid(path, line, `the environment has no variable ${name}`);
      });
    },
  });

  const checked = configSchema.safeParse(document.toJS() ?? {});
  if (!checked.success) {
    const issue = checked.error.issues[0]!;
    const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
    const what = issue.code === 'unrecognized_keys' ? 'there is no such key' : issue.message;
    throw invalid(path, lineOf(keys), `${keys.join('.')}: ${what}`);
  }
  readSecretFiles(
    checked.data,
    [],
    (keys, message) => invalid(path, lineOf(keys), `${keys.join('.')}: ${message}`),
    dirname(path),
  );
  return checked.data;
}

/** Replaces each `xFile` by `x`, in place, with the file's text without its last line end. */
function readSecretFiles(
  node: object,
  keys: readonly string[],
  error: (keys: readonly string[], message: string) => PaystreamError,
  base: string,
): void {
  const fields = node as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      readSecretFiles(value, [...keys, name], error, base);
    } else if (name.endsWith('File') && typeof value === 'string') {
      const plain = name.slice(0, -'File'.length);
      if (fields[plain] !== undefined) throw error([...keys, name], `give either ${plain} or ${name}`);
      try {
        fields[plain] = readFileSync(resolve(base, value), 'utf8').replace(/\r?\n$/, '');
      } catch (cause) {
        throw error([...keys, name], `the file cannot be read (${(cause as NodeJS.ErrnoException).code})`);
      }
      // A token is renewed in its file: whoever needs it again reads it again.
      if (name === 'tokenFile' && keys.at(-1) === 'sasl') fields.tokenPath = resolve(base, value);
      delete fields[name];
    }
  }
}

function invalid(path: string, line: number, message: string): PaystreamError {
  return new PaystreamError('CONFIG_INVALID', message, {
    where: `${path}:${line}`,
    hint: 'docs/configuration.md lists every key.',
  });
}
