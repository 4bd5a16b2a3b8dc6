import { join } from 'node:path';
import { simulateCtStudy, simulateRadiographStudy } from '@pce/test-support/phantom';
import { seededRandom } from '@pce/test-support/random';
import type { SimulatedStudy } from '@pce/test-support/truth';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { writeWhole } from '../output/write-file.js';
import { survey } from '../simulate-into/ground.js';
import { readChests } from '../simulate-into/read-chest.js';
import { makeVariant } from '../simulate-into/variant.js';
import { traceVessels } from '../simulate-into/vessel-tree.js';
import { variantStudy } from '../simulate-into/write-study.js';

const MODALITIES = ['ct', 'dx', 'cr', 'both'] as const;
type Modality = (typeof MODALITIES)[number];

interface Flags {
  readonly out: string;
  readonly seed: number;
  readonly count: number;
  readonly modality: Modality;
  readonly negative?: boolean;
  readonly into?: string;
}

const EXAMPLES = `
Examples:
  pce simulate --out studies                        one CT and one film with cement
  pce simulate --out studies --modality dx --count 20 --seed 100
  pce simulate --out studies --negative             the same anatomy without cement
  pce simulate --into STUDY --out studies --count 5  cement, contrast and mimics put into your own chest CT

Without --into the images are made from geometry. They are for tests and for trying the product, not evidence of accuracy.
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
    .option('--negative', 'without cement emboli')
    .option('--into <STUDY>', 'put cement and mimics into the chest CTs of this folder or archive instead')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      if (flags.into !== undefined) {
        await writeVariants(flags.into, flags);
        end(EXIT.done);
        return;
      }
      for (let n = 0; n < flags.count; n++) {
        for (const modality of flags.modality === 'both' ? (['ct', 'dx'] as const) : [flags.modality]) {
          const folder = await writeStudy(modality, flags.seed + n, flags);
          process.stdout.write(`${folder}\n`);
        }
      }
      end(EXIT.done);
    });
}

/** Vessels followed in each CT: enough to choose from at every calibre. */
const VESSELS = 160;

async function writeVariants(into: string, flags: Flags): Promise<void> {
  for (const [index, volume] of (await readChests(into)).entries()) {
    const ground = survey(volume);
    const vessels = traceVessels(ground, seededRandom(1, 'vessels'), VESSELS);
    const patient = `source-${uidFromSeed(volume.seriesInstanceUid).slice(-8)}`;
    for (let seed = flags.seed; seed < flags.seed + flags.count; seed++) {
      const kind = flags.negative ? 'negative' : 'positive';
      const variant = makeVariant(ground, vessels, seed, !flags.negative);
      const study = variantStudy(variant, `${volume.seriesInstanceUid} ${kind} ${seed}`, patient, seed);
      process.stdout.write(`${await writeFiles(study, join(flags.out, `into-${index + 1}-${kind}-${seed}`))}\n`);
    }
  }
}

async function writeStudy(modality: Exclude<Modality, 'both'>, seed: number, flags: Flags): Promise<string> {
  const emboli = flags.negative ? 0 : EMBOLI;
  const study = simulate(modality, seed, emboli);
  return writeFiles(study, join(flags.out, `${modality}-${seed}${flags.negative ? '-negative' : ''}`));
}

async function writeFiles(study: SimulatedStudy, folder: string): Promise<string> {
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
