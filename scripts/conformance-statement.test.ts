import { TRANSFER_SYNTAXES } from '@pce/shared/dicom/transfer-syntax';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '@pce/shared/dimse/implementation';
import { REJECTION } from '@pce/shared/dimse/rejection';
import { SOP_CLASS } from '@pce/shared/dimse/sop-classes';
import { STATUS } from '@pce/shared/dimse/status';
import { readPage, sectionOf, tableRows } from '@pce/test-support/documents';
import { sampleDatasets } from '@pce/test-support/sample-images';
import { SAMPLE_CONTEXT, SAMPLE_KINDS, sampleResult } from '@pce/test-support/sample-results';
import dicomParser from 'dicom-parser';
import { describe, expect, it } from 'vitest';
import { parseServeConfig } from '../cli/src/serve/serve-config.js';
import * as codes from '../services/reporter/src/core/codes.js';
import {
  REPORT_OBJECT_KINDS,
  type ReportObject,
  type ReportObjectKind,
} from '../services/reporter/src/core/report-object.js';
import { buildReportObjects } from '../services/reporter/src/core/report-objects.js';
import { judgeStoreStatus, type StoreVerdict } from '../services/reporter/src/core/store-status.js';

const statement = readPage('docs/conformance-statement.md');
const rowsBelow = (heading: string) => tableRows(sectionOf(statement, heading));
const hex = (status: number) => status.toString(16).padStart(4, '0').toUpperCase();
/** Names in a list of constants of a source file. */
const listed = (path: string, name: string) => {
  const body = new RegExp(`const ${name}\\b[^=]*= [[{]([\\s\\S]*?)\\n[\\]}]`).exec(readPage(path))?.[1] ?? '';
  return [...body.matchAll(/^ {2}'?(\w+)'?[,:]/gm)].map(([, word]) => word as string);
};

describe('the statement', () => {
  it('has the sections of PS3.2 annex N, in its order', () => {
    const headings = [...statement.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^## (.+)$/gm)].map(([, text]) => text);
    expect(headings.map((text) => /^(\d|Annex [A-Z](\.[A-Z])?)/.exec(text as string)?.[0])).toEqual([
      ...['1', '2', '3', '4', '5', '6', '7', '8'],
      ...['Annex A.A', 'Annex A.B', 'Annex A.C', 'Annex A.D', 'Annex A.E', 'Annex B'],
    ]);
  });

  it('names the implementation as it names itself', () => {
    expect(sectionOf(statement, '7.1 General')).toContain(`| ${IMPLEMENTATION_CLASS_UID} |`);
    expect(sectionOf(statement, '7.1 General')).toContain(`| ${IMPLEMENTATION_VERSION_NAME} |`);
  });

  it('lists every transfer syntax that is known, and which are decoded', () => {
    const table = rowsBelow('7.2.1 Receiving AE').filter(([, uid]) => uid?.startsWith('1.2.840.10008.1.2'));
    const known = Object.entries(TRANSFER_SYNTAXES).map(([uid, { name, codec }]) => [name, uid, codec ? 'yes' : 'no']);
    expect(table).toEqual(known);
  });

  it('lists the classes that are fetched by C-GET, and the services asked for', () => {
    const source = readPage('services/ingest/src/adapters/pull-dimse.ts');
    const classes = [...source.matchAll(/'(1\.2\.840\.10008\.5\.1\.4\.1\.1\.[\d.]+)'/g)].map(
      ([, uid]) => uid as string,
    );
    const { studyRootFind, studyRootMove, studyRootGet } = SOP_CLASS;
    const stated = sectionOf(statement, '7.2.2 Fetching AE').match(/\b1\.2\.840\.10008[\d.]+/g) ?? [];
    expect(stated.sort()).toEqual([...classes, studyRootFind, studyRootMove, studyRootGet].sort());
  });

  it('lists every rejection with its numbers', () => {
    const table = rowsBelow('7.2.1 Receiving AE').filter(([, numbers]) => /^\d, \d, \d$/.test(numbers ?? ''));
    const known = Object.entries(REJECTION).map(
      ([name, { result, source, reason }]) => `${name.replaceAll('-', ' ')}: ${result}, ${source}, ${reason}`,
    );
    const stated = table.map(([name, numbers]) => `${name?.replace('AE title', 'ae title')}: ${numbers}`);
    expect(stated.sort()).toEqual(known.sort());
  });

  it('lists the statuses the storage SCP gives, and no others', () => {
    const source = readPage('services/ingest/src/adapters/storage-scp.ts');
    const given = [...source.matchAll(/STATUS\.(\w+)/g)].map(([, name]) => hex(STATUS[name as keyof typeof STATUS]));
    const stated = rowsBelow('7.3.1 Returned').map(([status]) => status as string);
    expect(stated.sort()).toEqual([...new Set(given)].sort());
  });

  it('says of every C-STORE status received what is made of it', () => {
    const verdicts: Record<string, StoreVerdict> = {
      stored: 'acknowledged',
      'class refused': 'class-refused',
      'not now': 'not-now',
      refused: 'refused',
    };
    const table = rowsBelow('7.3.2 Received').map(([statuses = '', takenAs = '']) => ({
      patterns: [...statuses.matchAll(/\b[0-9A-Fx]{4}\b/g)].map(([one]) => new RegExp(`^${one.replaceAll('x', '.')}$`)),
      verdict: verdicts[takenAs],
    }));
    const statedFor = (status: number) =>
      (table.find(({ patterns }) => patterns.some((one) => one.test(hex(status)))) ?? table.at(-1))?.verdict;
    const every = Array.from({ length: 0x10000 }, (_, status) => status);
    expect(every.filter((status) => statedFor(status) !== judgeStoreStatus(status)).map(hex)).toEqual([]);
    expect(table.map(({ verdict }) => verdict)).toEqual(Object.values(verdicts));
  });

  it('lists what searches match and return', () => {
    const stated = new Map(
      rowsBelow('5.3.2 Studies').map(([level, attributes = '']) => [level, attributes.split(';')[0]]),
    );
    for (const level of ['study', 'series', 'instance']) {
      const kept = listed('shared/src/dicom/query-identity.ts', `${level.toUpperCase()}_KEYWORDS`);
      expect(kept.length).toBeGreaterThan(4);
      expect(stated.get(level)).toBe(kept.join(', '));
    }
  });

  it('lists what work items are found by', () => {
    const keywords = listed('services/worklist/src/core/ups-query.ts', 'KEYWORDS');
    expect(keywords.length).toBeGreaterThan(10);
    expect(sectionOf(statement, '5.3.3 Worklist')).toContain(`Searchable by keyword: ${keywords.join(', ')};`);
  });

  it('gives the defaults that hold', () => {
    const outcome = parseServeConfig({}, '');
    const file = outcome.kind === 'valid' ? (outcome.config.file as Record<string, unknown>) : {};
    const defaultOf = (path: string) =>
      path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], file);
    const numbered = rowsBelow('6 Configuration').filter(([, value]) => value?.startsWith('`'));
    const stated = numbered.flatMap(([names = '', values = '']) => {
      const paths = [...names.matchAll(/`([^`]+)`/g)].map(([, path]) => path as string);
      const given = [...values.matchAll(/`([^`]+)`/g)].map(([, value]) => value as string);
      return paths.map((path, index) => [path, given[index]]);
    });
    const settings = stated.filter(([path]) => path !== 'destinations');
    expect(settings.length).toBeGreaterThan(12);
    for (const [path = '', value] of settings) expect([path, String(defaultOf(path))]).toEqual([path, value]);
  });

  it('lists every code of our reports, and no others', () => {
    const isCode = (value: unknown): value is codes.Code =>
      typeof value === 'object' && value !== null && 'scheme' in value && 'meaning' in value;
    const used = Object.values(codes).flatMap((exported): codes.Code[] =>
      isCode(exported) ? [exported] : typeof exported === 'object' ? Object.values(exported).filter(isCode) : [],
    );
    const standard = rowsBelow('Standard codes').map(([value, scheme, meaning]) => `${value} ${scheme} ${meaning}`);
    const own = rowsBelow('Private code scheme').map(([value, meaning]) => `${value} ${codes.OWN_SCHEME} ${meaning}`);
    const known = new Set(used.map(({ value, scheme, meaning }) => `${value} ${scheme} ${meaning}`));
    expect([...standard, ...own].sort()).toEqual([...known].sort());
  });
});

/** A PNG of one pixel. */
const PICTURE = Uint8Array.from(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  ),
);

async function objectsOfSamples(): Promise<ReportObject[]> {
  const objects: ReportObject[] = [];
  for (const kind of SAMPLE_KINDS) {
    const request = {
      result: sampleResult(kind),
      datasets: sampleDatasets(kind),
      keyPictures: [{ findingId: null, label: 'Overview', png: PICTURE }],
      context: SAMPLE_CONTEXT,
      kinds: new Set(REPORT_OBJECT_KINDS),
    };
    objects.push(...(await buildReportObjects(request)));
  }
  return objects;
}

/** What a data set has, by tag as eight hexadecimal digits: its VR, and whether there is a value. */
function attributesOf(bytes: Uint8Array): Map<string, { vr: string; hasValue: boolean }> {
  const { elements } = dicomParser.parseDicom(bytes);
  const dataset = Object.values(elements).filter(({ tag }) => !tag.startsWith('x0002'));
  return new Map(
    dataset.map(({ tag, vr = '', length, items }) => [
      tag.slice(1).toUpperCase(),
      { vr, hasValue: length > 0 || (items?.length ?? 0) > 0 },
    ]),
  );
}

function statedAttributes(heading: string) {
  const rows = rowsBelow(heading);
  return rows.map(([, tag = '', vr = '', presence = '']) => ({ tag: tag.replace(/[(),]/g, ''), vr, presence }));
}

const SECTION: Record<ReportObjectKind, string> = {
  sr: 'A.A.2',
  'sr-comprehensive': 'A.A.2',
  gsps: 'A.A.3',
  'secondary-capture': 'A.A.4',
  segmentation: 'A.A.5',
  'key-object': 'A.A.6',
  'encapsulated-pdf': 'A.A.7',
};

describe('the objects of the statement', async () => {
  const objects = await objectsOfSamples();

  it('are of the kinds and classes it says', () => {
    const stated = rowsBelow('1.1 Content').filter(([kind]) => kind?.startsWith('`'));
    expect(stated.map(([kind]) => kind?.replaceAll('`', '')).sort()).toEqual([...REPORT_OBJECT_KINDS].sort());
    for (const [kind, , uid, modality, seriesNumber] of stated) {
      const made = objects.filter((object) => `\`${object.kind}\`` === kind);
      expect(made.length).toBeGreaterThan(0);
      for (const { sopClassUid, bytes } of made) {
        const dataset = dicomParser.parseDicom(bytes);
        const described = [sopClassUid, dataset.string('x00080060'), dataset.string('x00200011')];
        expect(described).toEqual([uid, modality, seriesNumber]);
      }
    }
  });

  it('have the attributes of its tables, and no private one', () => {
    const common = statedAttributes('A.A.1');
    for (const { kind, bytes } of objects) {
      const stated = [...common, ...statedAttributes(SECTION[kind])];
      const found = attributesOf(bytes);
      expect([kind, [...found.keys()].filter((tag) => !stated.some((one) => one.tag === tag))]).toEqual([kind, []]);
      for (const { tag, vr, presence } of stated) {
        const made = found.get(tag);
        if (presence !== 'ANAP') expect([kind, tag, made !== undefined]).toEqual([kind, tag, true]);
        if (made) expect([kind, tag, made.vr]).toEqual([kind, tag, vr]);
        if (presence === 'ALWAYS' || presence === 'EMPTY') {
          expect([kind, tag, made?.hasValue]).toEqual([kind, tag, presence === 'ALWAYS']);
        }
      }
      expect([...found.keys()].filter((tag) => Number.parseInt(tag.slice(0, 4), 16) % 2 === 1)).toEqual([]);
    }
  });

  it('inherit what it says from the image', () => {
    const rules = listed('services/reporter/src/core/inherited-modules.ts', 'ATTRIBUTE_RULES');
    const sequences = listed('services/reporter/src/core/inherited-modules.ts', 'SEQUENCE_RULES');
    const inherited = rowsBelow('A.A.1').filter(([, , , , source]) => source?.startsWith('from the image'));
    const made = ['Study Instance UID', 'Timezone Offset From UTC'];
    // "Patient's Name" is PatientName, "Physician(s) of Record" PhysiciansOfRecord.
    const wordOf = (name: string) =>
      name
        .replace(/'s\b/g, '')
        .replace(/[^A-Za-z]/g, '')
        .toLowerCase();
    const words = inherited.flatMap(([name = '']) => (made.includes(name) ? [] : [wordOf(name)]));
    expect(words.sort()).toEqual([...rules, ...sequences].map(wordOf).sort());
  });
});
