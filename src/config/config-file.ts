import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { PaystreamError } from '../errors/paystream-error.js';
import { type ConfigFile, configSchema } from './config-schema.js';

/**
 * Reads and validates paystream.yaml. `${NAME}` in a text is replaced by the environment variable. A `...File` key is
 * replaced by the key without `File`, with the text of that file; its path is relative to the configuration file.
 *
 * @throws CONFIG_INVALID with the key and the line
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
    // A missing key is reported at the deepest parent that exists.
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
        throw invalid(path, line, `the environment variable ${name} is not set`);
      });
    },
  });

  const checked = configSchema.safeParse(document.toJS() ?? {});
  if (!checked.success) {
    const issue = checked.error.issues[0]!;
    const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
    const what = issue.code === 'unrecognized_keys' ? 'unknown key' : issue.message;
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

/** Replaces each `xFile` with `x` in place: the file's text without its final line break. */
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
      if (fields[plain] !== undefined)
        throw error([...keys, name], `set either ${plain} or ${name}, not both`);
      try {
        fields[plain] = readFileSync(resolve(base, value), 'utf8').replace(/\r?\n$/, '');
      } catch (cause) {
        throw error([...keys, name], `the file cannot be read (${(cause as NodeJS.ErrnoException).code})`);
      }
      // Tokens are renewed in their file, so each Kafka login reads it again.
      if (name === 'tokenFile' && keys.at(-1) === 'sasl') fields.tokenPath = resolve(base, value);
      delete fields[name];
    }
  }
}

function invalid(path: string, line: number, message: string): PaystreamError {
  return new PaystreamError('CONFIG_INVALID', message, {
    where: `${path}:${line}`,
    hint: 'Fix the file. docs/configuration.md lists every key.',
  });
}
