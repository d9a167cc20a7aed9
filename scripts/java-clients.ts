/**
 * Kafka's Java programs for tests. Downloads their jars from Maven Central, compiles our own programs with javac, and runs
 * many programs in a single JVM, because starting a JVM is slow.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** The oldest and the newest Kafka version that the project is tested with. */
export const KAFKA_VERSIONS = ['3.9.2', '4.3.1'] as const;

/** Artifacts for the console tools and Kafka Streams, in addition to the clients. */
export const JAVA_CLIENT_ARTIFACTS = ['kafka-tools', 'kafka-streams', 'kafka_2.13'] as const;

/** JVM options for short-lived processes on small machines. */
export const JVM_ARGUMENTS = [
  '-Xmx512m',
  '-Xms64m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
] as const;

const run = promisify(execFile);

/** False if Java or Maven is missing. Tests are then skipped. */
export async function hasJava(): Promise<boolean> {
  try {
    await Promise.all([run('javac', ['-version']), run('mvn', ['-v'])]);
    return true;
  } catch {
    return false;
  }
}

/** Returns the class path of artifacts of org.apache.kafka. Downloads their jars once. */
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
  // Several tests may get here at once.
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

/** Compiles sources for Java 17 or newer. Throws an error with the compiler's output. */
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

/** A JVM that runs main classes one after another. Each has its own input, output and exit status. */
export interface JavaRunner {
  run(mainClass: string, args: readonly string[], input?: string): Promise<ProgramResult>;
  stop(): void;
}

/** Starts the JVM. `classPath` must contain the compiled tests/clients/java/ProgramRunner.java. */
export function startJavaRunner(classPath: string): JavaRunner {
  const child: ChildProcess = spawn('java', [...JVM_ARGUMENTS, '-cp', classPath, 'paystream.ProgramRunner'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  let isEnded = false;
  child.stderr!.on('data', (text: Buffer) => {
    errors = (errors + text.toString()).slice(-10_000);
  });
  // Ignore write errors: the exit handler reports that the JVM has exited.
  child.stdin!.on('error', () => {});
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => waiting.shift()?.resolve(line));
  child.once('close', () => {
    isEnded = true;
    for (const { reject } of waiting.splice(0)) reject(new Error(`The JVM exited: ${errors}`));
  });
  const encode = (text: string) => `=${Buffer.from(text).toString('base64')}`;
  const decode = (text: string) => Buffer.from(text.slice(1), 'base64').toString();
  return {
    async run(mainClass, args, input = '') {
      if (isEnded) throw new Error(`The JVM has exited: ${errors}`);
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
