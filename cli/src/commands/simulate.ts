import { join } from 'node:path';
import { simulateCtStudy, simulateRadiographStudy } from '@pce/test-support/phantom';
import type { SimulatedStudy } from '@pce/test-support/truth';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { writeWhole } from '../output/write-file.js';

const MODALITIES = ['ct', 'dx', 'cr', 'both'] as const;
type Modality = (typeof MODALITIES)[number];

interface Flags {
  readonly out: string;
  readonly seed: number;
  readonly count: number;
  readonly modality: Modality;
  readonly negative?: boolean;
}

const EXAMPLES = `
Examples:
  pce simulate --out studies                        one CT and one film with cement
  pce simulate --out studies --modality dx --count 20 --seed 100
  pce simulate --out studies --negative             the same anatomy without cement

The images are made from geometry. They are for tests and for trying the product, not evidence of accuracy.
`;

/** Emboli put into a positive study. */
const EMBOLI = 5;

/** Adds `pce simulate`. */
export function addSimulateCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('simulate')
    .description('write synthetic CTs and films with cement in them, with the truth')
    .requiredOption('--out <DIR>', 'folder to write to')
    .option('--seed <N>', 'chooses anatomy, places and noise; the same seed gives the same bytes', wholeNumber, 1)
    .option('--count <N>', 'studies of each kind', wholeNumber, 1)
    .addOption(new Option('--modality <KIND>', 'what to make').choices(MODALITIES).default('both'))
    .option('--negative', 'without cement')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      for (let n = 0; n < flags.count; n++) {
        for (const modality of flags.modality === 'both' ? (['ct', 'dx'] as const) : [flags.modality]) {
          const folder = await writeStudy(modality, flags.seed + n, flags);
          process.stdout.write(`${folder}\n`);
        }
      }
      end(EXIT.done);
    });
}

async function writeStudy(modality: Exclude<Modality, 'both'>, seed: number, flags: Flags): Promise<string> {
  const emboli = flags.negative ? 0 : EMBOLI;
  const study = simulate(modality, seed, emboli);
  const folder = join(flags.out, `${modality}-${seed}${flags.negative ? '-negative' : ''}`);
  for (const { name, bytes } of study.files) await writeWhole(join(folder, name), bytes);
  await writeWhole(join(folder, 'truth.json'), `${JSON.stringify(study.truth, null, 2)}\n`);
  return folder;
}

function simulate(modality: Exclude<Modality, 'both'>, seed: number, emboli: number): SimulatedStudy {
  switch (modality) {
    case 'ct':
      return simulateCtStudy({ seed, emboli });
    case 'dx':
      return simulateRadiographStudy({ seed, emboli, modality: 'DX' });
    case 'cr':
      return simulateRadiographStudy({ seed, emboli, modality: 'CR' });
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError(`Expected a whole number; received ${JSON.stringify(text)}.`);
}
