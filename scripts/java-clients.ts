/**
 * Kafka's own Java programs for tests: class paths from Maven Central, kept outside the repository, javac for
 * programs of our own, and one JVM that runs many programs one after the other, for a JVM's start is slow.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** The oldest and the newest line of Kafka that the project is tested with. */
export const KAFKA_VERSIONS = ['3.9.2', '4.3.1'] as const;

/** What the console tools and Kafka Streams need, beside the producer, consumer and admin clients. */
export const JAVA_CLIENT_ARTIFACTS = ['kafka-tools', 'kafka-streams', 'kafka_2.13'] as const;

/** Settings for short-lived JVMs on small machines. */
export const JVM_ARGUMENTS = [
  '-Xmx512m',
  '-Xms64m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
] as const;

const run = promisify(execFile);

/** False where Java or Maven is missing; tests skip then. */
export async function hasJava(): Promise<boolean> {
  try {
    await Promise.all([run('javac', ['-version']), run('mvn', ['-v'])]);
    return true;
  } catch {
    return false;
  }
}

/** The class path of some artifacts of org.apache.kafka; their jars are downloaded once. */
export async function kafkaClassPath(version: string, artifacts: readonly string[]): Promise<string> {
  const tools = process.env.PAYSTREAM_TOOLS_DIR ?? join(homedir(), '.cache', 'paystream');
  const folder = join(tools, `kafka-${version}`, artifacts.join('+'));
  const file = join(folder, 'classpath.txt');
  if (existsSync(file)) {
    const path = readFileSync(file, 'utf8').trim();
    if (path.split(':').every((jar) => existsSync(jar))) return path;
  }
  mkdirSync(folder, { recursive: true });
  const dependencies = artifacts.map(
    (artifact) =>
      `<dependency><groupId>org.apache.kafka</groupId><artifactId>${artifact}</artifactId>
      <version>${version}</version></dependency>`,
  );
  const pom = join(folder, 'pom.xml');
  writeFileSync(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>paystream</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <dependencies>${dependencies.join('')}</dependencies></project>`,
  );
  // Several tests may do this at once.
  const fresh = `${file}.${process.pid}`;
  await run(
    'mvn',
    [
      '-q',
      '-B',
      '-f',
      pom,
      'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath',
      '-DincludeScope=runtime',
      `-Dmdep.outputFile=${fresh}`,
    ],
    { maxBuffer: 10_000_000 },
  );
  renameSync(fresh, file);
  return readFileSync(file, 'utf8').trim();
}

/** Compiles sources for any Java from 17 on; fails with the compiler's words. */
export async function compileJava(
  sources: readonly string[],
  classPath: string,
  folder: string,
): Promise<void> {
  await run('javac', [
    ...['-J-XX:TieredStopAtLevel=1', '-J-XX:+UseSerialGC', '-proc:none', '-nowarn'],
    ...['--release', '17', '-cp', classPath, '-d', folder, ...sources],
  ]);
}

export interface ProgramResult {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** A JVM that runs main classes one after the other, each with input, output and exit status of its own. */
export interface JavaRunner {
  run(mainClass: string, args: readonly string[], input?: string): Promise<ProgramResult>;
  stop(): void;
}

/** `classPath` holds the compiled tests/clients/java/ProgramRunner.java. */
export function startJavaRunner(classPath: string): JavaRunner {
  const child: ChildProcess = spawn('java', [...JVM_ARGUMENTS, '-cp', classPath, 'paystream.ProgramRunner'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  let isEnded = false;
  child.stderr!.on('data', (text: Buffer) => {
    errors = (errors + text.toString()).slice(-10_000);
  });
  // Writing to a JVM that has ended shows as its end.
  child.stdin!.on('error', () => {});
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => waiting.shift()?.resolve(line));
  child.once('close', () => {
    isEnded = true;
    for (const { reject } of waiting.splice(0)) reject(new Error(`The JVM ended: ${errors}`));
  });
  const encode = (text: string) => `=${Buffer.from(text).toString('base64')}`;
  const decode = (text: string) => Buffer.from(text.slice(1), 'base64').toString();
  return {
    async run(mainClass, args, input = '') {
      if (isEnded) throw new Error(`The JVM has ended: ${errors}`);
      const answer = new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }));
      child.stdin!.write(`${[mainClass, input, ...args].map(encode).join(' ')}\n`);
      const [status, output, failures] = (await answer).split(' ');
      return { status: Number(status), output: decode(output!), errors: decode(failures!) };
    },
    stop() {
      child.kill('SIGKILL');
    },
  };
}
