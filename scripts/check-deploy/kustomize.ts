import { execFileSync, spawnSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './kubernetes-schemas.js';

/** kustomize itself, or the one inside kubectl (both of the 5.x line). */
const tool: readonly string[] | undefined = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
].find(
  ([command]) =>
    spawnSync(command!, ['version', ...(command === 'kubectl' ? ['--client'] : [])]).status === 0,
);

/** False where neither kustomize nor kubectl is installed. */
export const haveKustomize = tool !== undefined;

/** Every object that an overlay renders to. Throws with kustomize's own words. */
export function render(folder: string): readonly Manifest[] {
  if (tool === undefined)
    throw new Error('kustomize (or kubectl) is needed: https://kubectl.docs.kubernetes.io/installation');
  const [command, ...args] = tool;
  const text = execFileSync(command!, [...args, folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}
