import { execFileSync, spawnSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './kubernetes-schemas.js';

/** The command: kustomize, or the one in kubectl (both 5.x). */
const tool: readonly string[] | undefined = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
].find(
  ([command]) =>
    spawnSync(command!, ['version', ...(command === 'kubectl' ? ['--client'] : [])]).status === 0,
);

/** False if neither kustomize nor kubectl is installed. */
export const haveKustomize = tool !== undefined;

/** Returns the objects that an overlay renders to. Throws an error with kustomize's message. */
export function render(folder: string): readonly Manifest[] {
  if (tool === undefined)
    throw new Error('Install kustomize or kubectl: https://kubectl.docs.kubernetes.io/installation');
  const [command, ...args] = tool;
  const text = execFileSync(command!, [...args, folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}
