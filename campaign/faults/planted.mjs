import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteDatabase } from '../../shared/dist/adapters/sqlite-ledger.js';
import { readPart10 } from '../../shared/dist/dicom/part10.js';
import { checkEverything } from './checker.mjs';

/** Ways to spoil what a campaign left behind, each with the kind of fault it must be found as. */
const PLANTED = [
  { what: 'an acknowledged image struck off the ledger', kind: 'lost', plant: withLedger(strikeImage) },
  { what: 'a stored image with one bit changed', kind: 'lost', plant: changeStoredImage },
  { what: 'a result struck off the ledger', kind: 'lost', plant: withLedger(strikeResult) },
  { what: 'the current report taken out of the folder', kind: 'lost', plant: dropFromFolder },
  { what: 'the current report taken out of the PACS', kind: 'lost', plant: dropFromPacs },
  { what: 'a second report in the folder', kind: 'doubled', plant: doubleInFolder },
  { what: 'a second report in the PACS', kind: 'doubled', plant: doubleInPacs },
  { what: 'two current results of a study', kind: 'doubled', plant: withLedger(doubleResult) },
  {
    what: 'an analysis that waits',
    kind: 'stuck',
    plant: withLedger((database) => setAll(database, 'analyses', 'pending')),
  },
  {
    what: 'a delivery that waits',
    kind: 'stuck',
    plant: withLedger((database) => setAll(database, 'deliveries', 'waiting')),
  },
  {
    what: 'a delivery that failed',
    kind: 'deadLettered',
    plant: withLedger((database) => setAll(database, 'deliveries', 'failed')),
  },
  {
    what: 'a report of a study that was never sent',
    kind: 'wrong',
    plant: (_world, sent) => sent.studies.splice(0, 1),
  },
];

/**
 * Spoils what is stored and delivered, one way after another, and says whether the comparison then finds more faults of
 * the kind than before. Of a world whose services have stopped, in the standalone form, and of no use afterwards.
 *
 * @param sent { studies, acknowledged }
 */
export async function plantEach(world, { studies, acknowledged }) {
  const sent = { studies: [...studies], acknowledged };
  const found = async (kind) => (await checkEverything(world, sent.studies, sent.acknowledged)).faults[kind].length;
  const planted = [];
  for (const { what, kind, plant } of PLANTED) {
    const before = await found(kind);
    await plant(world, sent);
    planted.push({ what, kind, isNoticed: (await found(kind)) > before });
  }
  return planted;
}

function withLedger(change) {
  return async (world, { studies }) => {
    const { database, release } = openSqliteDatabase(join(world.dataFolder, 'ledger.sqlite'));
    await change(database, studies);
    await database.destroy();
    release();
  };
}

const uidOf = (studies, number) => studies[number % studies.length].uid;

function strikeImage(database, studies) {
  return database
    .deleteFrom('instances')
    .where('study_uid', '=', uidOf(studies, 0))
    .where('is_own_result', '=', 0)
    .execute();
}

function strikeResult(database, studies) {
  return database.deleteFrom('results').where('study_uid', '=', uidOf(studies, 2)).execute();
}

async function doubleResult(database, studies) {
  const select = database.selectFrom('results').selectAll().where('study_uid', '=', uidOf(studies, 1));
  const row = await select.where('superseded_by', 'is', null).executeTakeFirstOrThrow();
  await database
    .insertInto('results')
    .values({ ...row, result_id: 'planted' })
    .execute();
}

function setAll(database, table, state) {
  return database.updateTable(table).set({ state }).execute();
}

async function changeStoredImage(world, { studies, acknowledged }) {
  const image = [...acknowledged.values()].find(({ studyUid }) => studyUid === uidOf(studies, 1));
  const root = join(world.dataFolder, 'instances');
  for (const name of await readdir(root, { recursive: true })) {
    const path = join(root, name);
    const bytes = await readFile(path).catch(() => null);
    if (!bytes?.includes(image.uid)) continue;
    bytes[bytes.length - 1] ^= 1;
    await writeFile(path, bytes);
  }
}

/** Paths and bytes of the reports of a study in the folder. */
async function reportsInFolder(world, studyUid) {
  const outbox = join(world.folder, 'disk', 'outbox');
  const names = (await readdir(outbox, { recursive: true })).filter((name) => name.endsWith('.dcm'));
  const files = await Promise.all(
    names.map(async (name) => ({ path: join(outbox, name), bytes: await readFile(join(outbox, name)) })),
  );
  return files.filter(({ bytes }) => bytes.includes(studyUid));
}

async function dropFromFolder(world, { studies }) {
  for (const { path } of await reportsInFolder(world, uidOf(studies, 3))) await rm(path);
}

async function dropFromPacs(world, { studies }) {
  for (const { Path } of await world.destination.call('POST', '/tools/lookup', Buffer.from(uidOf(studies, 4))))
    await world.destination.call('DELETE', Path);
}

async function doubleInFolder(world, { studies }) {
  const [{ path, bytes }] = await reportsInFolder(world, uidOf(studies, 5));
  await writeFile(path.replace(/\.dcm$/, '-2.dcm'), underAnotherUid(bytes));
}

async function doubleInPacs(world, { studies }) {
  const [{ bytes }] = await reportsInFolder(world, uidOf(studies, 5));
  await world.destination.call('POST', '/instances', underAnotherUid(bytes));
}

/** The same report under a UID that differs in its last digit. */
function underAnotherUid(bytes) {
  const uid = readPart10(bytes).dataset.string('SOPInstanceUID');
  const other = uid.replace(/.$/, (digit) => `${(Number(digit) + 1) % 10}`);
  return Buffer.from(bytes.toString('latin1').replaceAll(uid, other), 'latin1');
}
