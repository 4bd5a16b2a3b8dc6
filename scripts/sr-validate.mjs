#!/usr/bin/env node
/**
 * sr-validate FILE...: judges DICOM structured reports with three foreign validators.
 *
 * dciodvfy (IOD), dsrdump (content tree) and PixelMed's DicomSRValidator (TID 1500). Prints one line per file and its
 * problems below; exit 0: all pass, 1: some fail, 2: a validator is missing.
 */
import { spawn, spawnSync } from 'node:child_process';

const WORKERS = 2;
/** The groups PixelMed may confuse: it takes all groups of a document for one and the same of these. */
const GROUP_TEMPLATES = new Set(['1410', '1411', '1501']);
/** On Java 17 the validator runs into limits of the XPath compiler and ends with exit code 0 all the same. */
const JAVA_FLAGS = ['xpathExprGrpLimit', 'xpathExprOpLimit', 'xpathTotalOpLimit'].map(
  (limit) => `-Djdk.xml.${limit}=0`,
);

class CannotRunError extends Error {}

/** Runs a program to its end. @returns {Promise<{ status: number | null, lines: string[] }>} both outputs by line */
function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => reject(new CannotRunError(`${program}: ${error.message}`)));
    child.on('close', (status) => resolve({ status, lines: Buffer.concat(chunks).toString('utf8').split('\n') }));
  });
}

function findPixelmedJar() {
  if (process.env.PIXELMED_JAR) return process.env.PIXELMED_JAR;
  const listing = spawnSync('dpkg', ['-L', 'libpixelmed-java'], { encoding: 'utf8' });
  const jar = (listing.stdout ?? '').split('\n').find((line) => line.endsWith('/pixelmed.jar'));
  if (!jar) throw new CannotRunError('pixelmed.jar: install libpixelmed-java or set PIXELMED_JAR');
  return jar;
}

async function checkIod(file) {
  const { status, lines } = await run('dciodvfy', ['-new', file]);
  const errors = lines.filter((line) => line.startsWith('Error'));
  return status === 0 ? errors : [...errors, `dciodvfy: exit code ${status}`];
}

async function checkTree(file) {
  const { status, lines } = await run('dsrdump', [file]);
  return status === 0 ? [] : [...lines.filter((line) => /^[EF]:/.test(line)), `dsrdump: exit code ${status}`];
}

/** Template each container declares, by its place in the tree, such as 1.10.3. */
async function declaredTemplates(java, file) {
  const { lines } = await run('java', [...java, 'com.pixelmed.dicom.StructuredReport', file]);
  const declared = new Map();
  for (const line of lines) {
    const match = /^([\d.]+):.*\(DCMR,(\w+)\)\s*$/.exec(line);
    if (match) declared.set(match[1], match[2]);
  }
  return declared;
}

/** An error of template 14xx or 1501 on a container that declares another of them is the validator's own. */
function isMistaken(line, declared) {
  const match = /^Error: Template (\d+) [^:]*?.*?: (?:within )?(1(?:\.\d+)+): /.exec(line);
  if (!match || !GROUP_TEMPLATES.has(match[1])) return false;
  const path = match[2].split('.');
  while (path.length > 0 && !declared.has(path.join('.'))) path.pop();
  const own = declared.get(path.join('.'));
  return own !== undefined && GROUP_TEMPLATES.has(own) && own !== match[1];
}

async function checkTemplates(jar, file) {
  const java = [...JAVA_FLAGS, '-cp', jar];
  const { lines } = await run('java', [...java, 'com.pixelmed.validate.DicomSRValidator', file]);
  const finished = ['Found Root Template TID_1500', 'IOD validation complete'].every((sign) =>
    lines.some((line) => line.includes(sign)),
  );
  const problems = finished ? [] : ['DicomSRValidator: TID 1500 not recognised or validation not finished'];
  const errors = lines.filter((line) => line.startsWith('Error'));
  if (errors.length === 0) return problems;
  const declared = await declaredTemplates(java, file);
  return [...problems, ...errors.filter((line) => !isMistaken(line, declared))];
}

async function main(files) {
  if (files.length === 0) throw new CannotRunError('usage: sr-validate FILE...');
  const jar = findPixelmedJar();
  const results = new Map();
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      results.set(file, [...(await checkIod(file)), ...(await checkTree(file)), ...(await checkTemplates(jar, file))]);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  for (const file of files) {
    const problems = results.get(file);
    console.log(problems.length === 0 ? 'PASS' : 'FAIL', file);
    for (const problem of problems) console.log(`    ${problem.slice(0, 500)}`);
  }
  return [...results.values()].every((problems) => problems.length === 0) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CannotRunError)) throw error;
  console.error(`sr-validate: ${error.message}`);
  process.exitCode = 2;
}
