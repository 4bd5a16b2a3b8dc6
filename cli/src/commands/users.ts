import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { USER_ROLES, type UserRole } from '@pce/shared/ports/access-ledger';
import { hashPassword } from '@pce/worklist/adapters/password-hash';
import { type Command, Option } from 'commander';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';

/** Letters of a password at least. [design] Length is what makes guessing hopeless; nothing else is asked for. */
const LEAST_LETTERS = 12;

const EXAMPLES = `
Examples:
  pce users add rita --role reader                 asks for the password, prints lines for PCE_CONFIG
  pce users add adam --role administrator < file   takes the password from a file

The password itself is written nowhere. A running service reads its configuration when it starts.
`;

/** Adds `pce users add`. */
export function addUsersCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('users')
    .description('local users of the worklist')
    .command('add')
    .description('print the lines of the configuration that let somebody sign in')
    .argument('<NAME>', 'name to sign in with')
    .addOption(
      new Option('--role <ROLE...>', 'what they may do').choices([...USER_ROLES]).default(['reader'], 'reader'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, { role }: { role: UserRole[] }) => {
      const password = process.stdin.isTTY ? await askTwice() : (await text(process.stdin)).replace(/\r?\n$/, '');
      if ([...password].length < LEAST_LETTERS) {
        throw new UsageError('password', `at least ${LEAST_LETTERS} letters`, 'fewer');
      }
      process.stdout.write(userLines(name, await hashPassword(password), role));
      end(EXIT.done);
    });
}

/** JSON texts are YAML too, and need no rules for quotes of their own. */
function userLines(name: string, passwordHash: string, roles: readonly UserRole[]): string {
  return [
    'access:',
    '  users:',
    `    - name: ${JSON.stringify(name)}`,
    `      passwordHash: ${JSON.stringify(passwordHash)}`,
    `      roles: [${roles.join(', ')}]`,
    '',
  ].join('\n');
}

async function askTwice(): Promise<string> {
  const password = await ask('Password: ');
  if (password !== (await ask('Once more: '))) throw new UsageError('password', 'the same twice', 'two');
  return password;
}

/** Asks on the terminal without showing what is typed. */
async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
