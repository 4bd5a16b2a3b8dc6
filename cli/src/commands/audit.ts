import type { Command } from 'commander';
import { verifyAuditLog } from '../audit/audit-log.js';
import { EXIT, type ExitCode } from '../exit-codes.js';

const EXAMPLES = `
Examples:
  pce audit verify                                  data/audit/audit.ndjson
  pce audit verify /backup/audit.ndjson

Prints how many lines there are and the digest of the last one. A log that was cut off at its end is unbroken up to
there: compare number and digest with those noted elsewhere before.
`;

/** Adds `pce audit verify`. */
export function addAuditCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('audit')
    .description('the audit log of this machine')
    .command('verify')
    .description('check that no line was changed, dropped, added or moved')
    .argument('[FILE]', 'the log', 'data/audit/audit.ndjson')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string) => {
      const check = await verifyAuditLog(path);
      if (check.kind === 'whole') {
        process.stdout.write(`${path}: unbroken, ${check.head.count} lines, last digest ${check.head.digest}\n`);
        end(EXIT.done);
        return;
      }
      process.stdout.write(`${path}: BROKEN at line ${check.line}: ${check.reason}\n`);
      end(EXIT.finishedWithProblems);
    });
}
