import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
type AddCommand = (program: Command, end: () => void) => void;

/** The command line as every file of this folder adds to it. */
async function buildProgram(): Promise<Command> {
  const program = new Command('pce').version('0');
  for (const name of await readdir(import.meta.dirname)) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    const exported: Record<string, unknown> = await import(join(import.meta.dirname, name));
    for (const [key, add] of Object.entries(exported)) {
      if (/^add\w+Commands?$/.test(key)) (add as AddCommand)(program, () => {});
    }
  }
  return program;
}

interface Use {
  place: string;
  words: string[];
}

/** Calls of `pce` in a page: in code marks and in blocks of code. */
function usesOf(place: string, text: string): Use[] {
  const blocks = [...text.matchAll(/^```[\s\S]*?^```/gm)].flatMap(([block]) => block.split('\n'));
  const marks = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, mark]) => mark as string);
  return [...blocks, ...marks].flatMap((line) => callsIn(place, line));
}

function callsIn(place: string, line: string): Use[] {
  const call = /^\s*(?:npx |[A-Z_]+=\S+ )*pce ([^#|>&;]*)/.exec(line)?.[1];
  return call === undefined ? [] : [{ place: `${place}: ${line.trim()}`, words: call.trim().split(/ +/) }];
}

/** The examples that `--help` shows: what stands between command and remark is set off by two spaces. */
async function usesOfHelp(): Promise<Use[]> {
  const names = (await readdir(import.meta.dirname)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  const texts = await Promise.all(names.map((name) => readFile(join(import.meta.dirname, name), 'utf8')));
  return texts.flatMap((text, index) =>
    text
      .split('\n')
      .filter((line) => /^ {2}pce /.test(line))
      .flatMap((line) => callsIn(names[index] as string, line.trim().split(/ {2,}/)[0] as string)),
  );
}

function flagsOf(command: Command): string[] {
  const own = command.options.flatMap(({ long, short }) => [long, short].filter((flag) => flag !== undefined));
  return [...own, '--help', ...(command.parent ? [] : ['--version'])];
}

/** What a call has that the command line has not. */
function mistakeOf(program: Command, { words, place }: Use): string | null {
  let command = program;
  const rest = words.map((word) => word.replace(/[[\]",.]/g, ''));
  while (rest.length > 0 && command.commands.some((one) => one.name() === rest[0])) {
    const name = rest.shift();
    command = command.commands.find((one) => one.name() === name) as Command;
  }
  const stray = command.commands.length > 0 ? rest.find((word) => /^[a-z]/.test(word)) : undefined;
  if (stray !== undefined) return `${place} (no command ${stray})`;
  const known = flagsOf(command);
  const unknown = rest.find((word) => /^--?[a-z]/.test(word) && !known.includes(word.split('=')[0] as string));
  return unknown === undefined ? null : `${place} (no option ${unknown})`;
}

/** Every page a user reads. */
async function readPages(): Promise<[path: string, text: string][]> {
  const names = [
    'README.md',
    'deploy/pce.example.yaml',
    ...(await readdir(join(ROOT, 'docs'), { recursive: true })).map((name) => join('docs', name)),
  ];
  const pages = names.filter((name) => /\.(md|yaml)$/.test(name));
  return Promise.all(pages.map(async (name) => [name, await readFile(join(ROOT, name), 'utf8')] as [string, string]));
}

describe('the commands in documents and help', async () => {
  const program = await buildProgram();
  const uses = [...(await readPages()).flatMap(([path, text]) => usesOf(path, text)), ...(await usesOfHelp())];

  it('are found', () => {
    expect(uses.length).toBeGreaterThan(70);
    expect(program.commands.length).toBeGreaterThan(10);
  });

  it('exist with the options they are given', () => {
    expect(uses.flatMap((use) => mistakeOf(program, use) ?? [])).toEqual([]);
  });

  it('are told from mistakes', () => {
    const wrong = ['pce scren DIR', 'pce screen DIR --outt x', 'pce rules tset FILE'].flatMap((line) =>
      usesOf('here', `\`${line}\``),
    );
    expect(wrong.filter((use) => mistakeOf(program, use) !== null).map(({ words }) => words[0])).toEqual([
      'scren',
      'screen',
      'rules',
    ]);
  });

  it('are all in the README', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    for (const command of program.commands) expect(readme).toContain(`pce ${command.name()}`);
  });
});
