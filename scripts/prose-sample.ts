/**
 * Picks comments and sentences of the documentation at random, for a reader who judges them by the style guide.
 *
 *   npx tsx scripts/prose-sample.ts --seed 7 --comments 50 --sentences 50
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/pipeline/sample-payments.js';

interface Pick {
  readonly place: string;
  readonly text: string;
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    comments: { type: 'string', default: '50' },
    sentences: { type: 'string', default: '50' },
  },
});

const tracked = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n').filter(Boolean);

/** Blocks of comments: a doc comment, or consecutive comment lines. */
function commentsOf(path: string): Pick[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  const picks: Pick[] = [];
  let block: string[] = [];
  let start = 0;
  let inside = false;
  const flush = () => {
    const text = block.join(' ').replace(/\s+/g, ' ').trim();
    if (/[a-z]{3,} [a-z]/i.test(text) && !text.startsWith('biome-ignore'))
      picks.push({ place: `${path}:${start}`, text });
    block = [];
  };
  lines.forEach((line, index) => {
    const opens = /^\s*\/\*\*?/.test(line);
    if (inside || opens || /^\s*(\/\/|#(?!!)|--)\s/.test(line)) {
      if (block.length === 0) start = index + 1;
      block.push(line.replace(/^\s*(\/\*\*?|\*\/|\*|\/\/|#|--)\s?/, '').replace(/\*\/\s*$/, ''));
      if (opens) inside = true;
      if (line.includes('*/')) {
        inside = false;
        flush();
      }
    } else if (block.length > 0) flush();
  });
  if (block.length > 0) flush();
  return picks;
}

/** Sentences of Markdown outside code blocks; a table row counts as one. */
function sentencesOf(path: string): Pick[] {
  const picks: Pick[] = [];
  let code = false;
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      if (line.startsWith('```')) code = !code;
      if (code || /^(```|\s*$|#|!\[|\|[-: |]+\|$|<)/.test(line)) return;
      const parts = line.startsWith('|') ? [line] : line.split(/(?<=[.!?:])\s+(?=[A-Z`*])/);
      for (const text of parts) {
        if (/[a-z]{3,} [a-z]/i.test(text)) picks.push({ place: `${path}:${index + 1}`, text: text.trim() });
      }
    });
  return picks;
}

function sample(all: readonly Pick[], count: number, next: () => number): Pick[] {
  const rest = [...all];
  const picks: Pick[] = [];
  while (picks.length < count && rest.length > 0)
    picks.push(...rest.splice(Math.floor(next() * rest.length), 1));
  return picks;
}

const next = seededRandom(Number(values.seed));
const comments = tracked
  .filter((path) => /\.(tsx?|mjs|sql|sh|ya?ml)$|Dockerfile|\.ci\/run/.test(path))
  .flatMap(commentsOf);
const sentences = tracked.filter((path) => path.endsWith('.md')).flatMap(sentencesOf);
console.log(`seed ${values.seed}: ${comments.length} comments, ${sentences.length} sentences`);
for (const [title, all, count] of [
  ['Comments', comments, values.comments],
  ['Sentences', sentences, values.sentences],
] as const) {
  console.log(`\n${title}`);
  sample(all, Number(count), next).forEach(({ place, text }, index) => {
    console.log(`${index + 1}. ${place}\n   ${text}`);
  });
}
