import { promises as fs } from 'node:fs';
import { DEFAULT_RULES } from '@pce/ingest/core/default-rules';
import { routingFacts } from '@pce/ingest/core/routing-facts';
import {
  explainRules,
  parseRoutingRules,
  type RoutingExplanation,
  type RoutingRules,
} from '@pce/ingest/core/routing-rules';
import { readPart10 } from '@pce/shared/dicom/part10';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.js';

/** Stands for the rules that hold when a site has none of its own. */
const BUILT_IN = 'default';

const EXAMPLES = `
Examples:
  pce rules test rules.yaml image.dcm other.dcm
  pce rules test default image.dcm          the built-in rules

Exit code 1 when the rules have a problem or a file cannot be read.
`;

/** Adds `pce rules test`. */
export function addRulesCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('rules')
    .description('routing rules: what is analysed and why')
    .command('test')
    .description('check routing rules, and explain the decision for each file')
    .argument('<RULES>', `a YAML file, or "${BUILT_IN}" for the built-in rules`)
    .argument('[FILE...]', 'DICOM files')
    .addHelpText('after', EXAMPLES)
    .action(async (rulesPath: string, files: string[]) => {
      const rules = await loadRules(rulesPath);
      if (rules === null) return end(EXIT.failed);
      for (const file of files) process.stdout.write(await explainFile(rules, file));
      if (files.length === 0) process.stdout.write(`${rulesPath}: ${rules.rules.length} rules, no problem found\n`);
      end(EXIT.done);
    });
}

/** The rules, or null after their problems were printed. */
async function loadRules(path: string): Promise<RoutingRules | null> {
  if (path === BUILT_IN) return DEFAULT_RULES;
  const checked = parseRoutingRules(await fs.readFile(path, 'utf8'));
  if (checked.kind === 'valid') return checked.value;
  for (const problem of checked.problems) process.stderr.write(`${path}: ${problem}\n`);
  return null;
}

async function explainFile(rules: RoutingRules, file: string): Promise<string> {
  const { dataset } = readPart10(await fs.readFile(file));
  return `${file}\n${describe(explainRules(rules, routingFacts(dataset)))}\n`;
}

function describe({ decision, tried }: RoutingExplanation): string {
  const lines = tried.flatMap(({ rule, isMatch, conditions }) => [
    `  ${isMatch ? 'yes' : 'no '}  ${rule}`,
    ...conditions.map(
      ({ condition, expected, received, isMet }) =>
        `         ${isMet ? 'met    ' : 'not met'} ${condition}: ${received.join(' | ') || 'nothing'}; wanted ${shortened(expected)}`,
    ),
  ]);
  const outcome =
    decision.action === 'analyse'
      ? `analyse, priority ${decision.priority}, to ${decision.destinations.join(', ') || 'the default destinations'}`
      : `ignore: ${decision.reason}`;
  return [...lines, `  =>   ${outcome}`].join('\n');
}

/** Long lists of codes say no more than their beginning. */
function shortened(values: string[]): string {
  const shown = values.slice(0, 6).join(', ');
  return values.length > 6 ? `${shown}, ... (${values.length})` : shown;
}
