import { existsSync, readFileSync } from 'node:fs';
import { DockerfileParser } from 'dockerfile-ast';
import { isPinned } from './manifest-rules.js';
import type { Problems } from './problems.js';

/** Checks that the image is small, secure and reproducible. */
export function checkDockerfile(path: string, problems: Problems): void {
  const dockerfile = DockerfileParser.parse(readFileSync(path, 'utf8'));
  const wrong = (line: number, what: string) => problems.add(`${path}:${line}`, what);
  const instructions = dockerfile.getInstructions();
  problems.looked(instructions.length);
  const stages = new Set<string>();
  for (const from of dockerfile.getFROMs()) {
    const image = from.getImage() ?? '';
    const line = (from.getRange()?.start.line ?? 0) + 1;
    if (!stages.has(image) && !isPinned(image)) wrong(line, `the image ${image} is not pinned to a version`);
    const stage = from.getBuildStage();
    if (stage !== null) stages.add(stage);
  }
  if (dockerfile.getFROMs().length < 2)
    wrong(1, 'not a multi-stage build: the image would contain the build tools');
  for (const copy of dockerfile.getCOPYs()) {
    const line = (copy.getRange()?.start.line ?? 0) + 1;
    const args = copy.getArguments().map((argument) => argument.getValue());
    const fromStage = copy.getFlags().some((flag) => flag.getName() === 'from');
    for (const source of args.slice(0, -1)) {
      if (source === '.') wrong(line, 'copies the whole folder: list the needed files instead');
      else if (!fromStage && !existsSync(source)) wrong(line, `${source} does not exist`);
    }
  }
  const last = instructions.map((instruction) => instruction.getKeyword());
  for (const instruction of instructions) {
    const line = instruction.getRange().start.line + 1;
    if (instruction.getKeyword() === 'ADD') wrong(line, 'ADD can unpack and download: use COPY instead');
    if (/(^|\s)(sudo|curl|wget)\s/.test(instruction.getRawArgumentsContent() ?? ''))
      wrong(line, 'downloads files from another server');
  }
  const finalStage = last.slice(last.lastIndexOf('FROM'));
  if (!finalStage.includes('USER')) wrong(instructions.length, 'runs as root');
  const user = instructions.findLast((instruction) => instruction.getKeyword() === 'USER');
  // Kubernetes can verify a numeric user id, but not a name, to be non-root.
  if (user !== undefined && !/^[1-9]\d*(:[1-9]\d*)?$/.test(user.getRawArgumentsContent() ?? '')) {
    wrong(user.getRange().start.line + 1, 'USER must be a numeric id other than 0');
  }
  const entry = instructions.findLast((instruction) => instruction.getKeyword() === 'ENTRYPOINT');
  if (entry === undefined || !(entry.getRawArgumentsContent() ?? '').startsWith('[')) {
    wrong(instructions.length, 'ENTRYPOINT is not in exec form: a shell would receive the signals');
  }
}
