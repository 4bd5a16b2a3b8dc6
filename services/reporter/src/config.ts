import type { Contradiction } from '@pce/shared/config/checked-yaml';
import {
  type ClientTls,
  DELIVERY_WAYS,
  type DeliveryWay,
  type DestinationConfig,
  type PriorSourceConfig,
  type ReporterConfig,
} from './config-schema.js';
import { templateProblem } from './core/series-description.js';

/** Ways that send objects; the others send messages. */
const OBJECT_WAYS: readonly DeliveryWay[] = ['cStore', 'stow', 'folder'];

/** How a destination is delivered to. `reporterContradictions` has seen to it that there is exactly one way. */
export function deliveryWay(destination: DestinationConfig): DeliveryWay {
  return DELIVERY_WAYS.find((way) => destination[way] !== undefined) ?? 'folder';
}

/** What each setting of the reporter allows by itself, but not together. Pure. */
export function reporterContradictions(config: ReporterConfig): Contradiction[] {
  const { destinations, priorSources, commitmentListener } = config;
  const problems = [
    ...destinations.flatMap((destination, index) =>
      [...sameName(destinations, index), ...destinationProblems(destination)].map(at('destinations', index)),
    ),
    ...priorSources.flatMap((source, index) =>
      [...sameName(priorSources, index), ...priorSourceProblems(source)].map(at('priorSources', index)),
    ),
  ];
  if (commitmentListener && !destinations.some((destination) => destination.cStore?.commitment)) {
    problems.push({ path: ['commitmentListener'], message: 'no destination has cStore.commitment on' });
  }
  return problems;
}

/** A problem and the key it is at. */
type Problem = [key: string, message: string];

const at =
  (list: string, index: number) =>
  ([key, message]: Problem): Contradiction => ({ path: [list, `${index}`, key], message });

function sameName(list: readonly { name: string }[], index: number): Problem[] {
  const { name } = list[index]!;
  const isTaken = list.findIndex((other) => other.name === name) !== index;
  return isTaken ? [['name', `${name} is the name of another one too`]] : [];
}

function exactlyOne(name: string, given: readonly string[], all: readonly string[]): Problem[] {
  if (given.length === 1) return [];
  return [['name', `${name} must have exactly one of ${all.join(', ')}; it has ${given.join(' and ') || 'none'}`]];
}

function destinationProblems(destination: DestinationConfig): Problem[] {
  const ways = DELIVERY_WAYS.filter((way) => destination[way] !== undefined);
  const { firstDelaySeconds, longestDelaySeconds } = destination.retry;
  const isUpsideDown = firstDelaySeconds > longestDelaySeconds;
  return [
    ...exactlyOne(destination.name, ways, DELIVERY_WAYS),
    ...(isUpsideDown
      ? [
          [
            'retry',
            `firstDelaySeconds ${firstDelaySeconds} must not exceed longestDelaySeconds ${longestDelaySeconds}`,
          ] as Problem,
        ]
      : []),
    ...descriptionProblems(destination, ways),
    ...ways.flatMap((way) => accessProblems(way, destination[way] as Access)),
  ];
}

function descriptionProblems({ seriesDescription }: DestinationConfig, ways: readonly DeliveryWay[]): Problem[] {
  if (seriesDescription === undefined) return [];
  const problem = ways.some((way) => OBJECT_WAYS.includes(way))
    ? templateProblem(seriesDescription)
    : `belongs to destinations of objects: ${OBJECT_WAYS.join(', ')}`;
  return problem === null ? [] : [['seriesDescription', problem]];
}

function priorSourceProblems({ name, dicomweb, dimse }: PriorSourceConfig): Problem[] {
  const given = [...(dicomweb ? ['dicomweb'] : []), ...(dimse ? ['dimse'] : [])];
  return [
    ...exactlyOne(name, given, ['dicomweb', 'dimse']),
    ...accessProblems('dicomweb', dicomweb ?? {}),
    ...accessProblems('dimse', dimse ?? {}),
  ];
}

/** How we show who we are. */
interface Access {
  user?: string;
  passwordFile?: string;
  tokenFile?: string;
  tls?: ClientTls;
}

function accessProblems(key: string, { user, passwordFile, tokenFile, tls }: Access): Problem[] {
  const problems: Problem[] = [];
  const add = (message: string) => problems.push([key, message]);
  if ((user === undefined) !== (passwordFile === undefined)) add('user and passwordFile belong together');
  if (user !== undefined && tokenFile !== undefined) add('has both a token and a user: one is enough');
  if ((tls?.certificateFile === undefined) !== (tls?.keyFile === undefined)) {
    add('tls.certificateFile and tls.keyFile belong together');
  }
  return problems;
}
