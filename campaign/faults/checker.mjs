import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { instanceSetDigest } from '../../services/ingest/dist/core/study-readiness.js';
import { FsInstanceStore } from '../../shared/dist/adapters/fs-instance-store.js';
import { openPostgresLedger } from '../../shared/dist/adapters/postgres-ledger.js';
import { openSqliteLedger } from '../../shared/dist/adapters/sqlite-ledger.js';
import { readPart10 } from '../../shared/dist/dicom/part10.js';

const MOST_DELIVERIES = 20;

/** The data set of a file, without its head: the group length element is the first. Source: PS3.10 section 7.1. */
export function datasetBytes(file) {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  return bytes.subarray(144 + bytes.readUInt32LE(140));
}

/** An acknowledged image asked back from the running service; null when all is well. */
export async function askBack(service, image) {
  const { uid, studyUid, bytes } = image;
  const found = await service.get(`/dicomweb/studies/${studyUid}/instances?SOPInstanceUID=${uid}`);
  if (found.status >= 500) return null;
  const [row] = found.status === 200 ? await found.json() : [];
  const seriesUid = row?.['0020000E']?.Value?.[0];
  if (!seriesUid) return `${uid}: acknowledged, and not found (${found.status})`;
  const answer = await service.get(`/dicomweb/studies/${studyUid}/series/${seriesUid}/instances/${uid}`);
  if (answer.status >= 500) return null;
  const body = Buffer.from(await answer.arrayBuffer());
  return body.includes(datasetBytes(bytes)) ? null : `${uid}: acknowledged, and given back in other bytes`;
}

/** Compares what senders were told with ledger and store, and ledger with every destination. Call it when all stopped. */
export async function checkEverything(world, studies, acknowledged) {
  const faults = { lost: [], doubled: [], stuck: [], deadLettered: [], wrong: [] };
  const figures = { acknowledged: acknowledged.size, reports: 0, superseded: 0, supersededByInterruption: 0 };
  const ledger =
    world.form === 'machines'
      ? await openPostgresLedger(world.postgres.url)
      : await openSqliteLedger(join(world.dataFolder, 'ledger.sqlite'));
  const store = await FsInstanceStore.open({ root: join(world.dataFolder, 'instances'), watermarkBytes: 0 });
  try {
    for (const image of acknowledged.values()) await checkImage(ledger, store, image, faults);
    const reports = { pacs: await reportsOfOrthanc(world.destination), outbox: await reportsOfFolder(world) };
    for (const study of studies) await checkStudy(ledger, study, reports, faults, figures);
    const known = new Set(studies.map(({ uid }) => uid));
    for (const [name, found] of Object.entries(reports)) {
      for (const uid of found.keys())
        if (!known.has(uid)) faults.wrong.push(`${name}: a report for ${uid}, never sent`);
    }
  } finally {
    await ledger.close();
    await store.close();
  }
  return { faults, figures };
}

async function checkImage(ledger, store, { uid, bytes }, faults) {
  const held = await ledger.findInstances(uid);
  if (held.length > 1) faults.doubled.push(`image ${uid}: ${held.length} rows`);
  const [instance] = held;
  if (!instance) return faults.lost.push(`image ${uid}: acknowledged, and not in the ledger`);
  const stored = await store.read(instance).catch(() => null);
  if (!stored) faults.lost.push(`image ${uid}: acknowledged, and not in the store`);
  else if (!datasetBytes(stored).equals(datasetBytes(bytes))) faults.lost.push(`image ${uid}: stored in other bytes`);
}

async function checkStudy(ledger, study, reports, faults, figures) {
  const name = `study ${study.index} (${study.uid})`;
  for (const { state, failure } of await ledger.analysesOfStudy(study.uid)) {
    if (state === 'pending') faults.stuck.push(`${name}: an analysis is pending`);
    if (state === 'failed') faults.deadLettered.push(`${name}: an analysis was set aside: ${failure}`);
  }
  const results = await ledger.results.resultsOfStudy(study.uid);
  const current = results.filter(({ supersededBy }) => supersededBy === null);
  if (current.length === 0) return faults.lost.push(`${name}: no result`);
  if (current.length > 1) faults.doubled.push(`${name}: ${current.length} current results`);
  const held = (await ledger.instancesOfStudy(study.uid)).filter(({ isOwnResult }) => !isOwnResult);
  if (current[0].result.instanceSetDigest !== instanceSetDigest(held)) {
    faults.wrong.push(`${name}: the current result is not of all ${held.length} images`);
  }
  const sets = new Set(results.map(({ result }) => result.instanceSetDigest));
  if (sets.size !== results.length) faults.doubled.push(`${name}: two results of the same images`);
  if (results.length > study.images + Number(study.isLate)) {
    faults.doubled.push(`${name}: ${results.length} results of ${study.images} images`);
  }
  for (const [destination, found] of Object.entries(reports)) {
    await checkDestination(ledger, { name, results, current: current[0] }, destination, found.get(study.uid), faults);
  }
  const count = reports.pacs.get(study.uid)?.size ?? 0;
  figures.reports += count;
  figures.superseded += Math.max(0, count - 1);
  const expected = Number(study.isLate) + (study.isCt ? 0 : study.images - 1);
  figures.supersededByInterruption += Math.max(0, count - 1 - expected);
}

async function checkDestination(ledger, { name, results, current }, destination, found = new Map(), faults) {
  const at = `${name} at ${destination}`;
  /** Of the delivery to this destination, by the report's UID. */
  const states = new Map();
  let currentUid = null;
  for (const { resultId } of results) {
    const objects = await ledger.deliveries.objectsOfResult(resultId);
    const uids = objects.filter(({ kind }) => kind === 'sr').map(({ sopInstanceUid }) => sopInstanceUid);
    const deliveries = await ledger.deliveries.searchDeliveries({ resultId, destination }, MOST_DELIVERIES, 0);
    for (const { state, reason } of deliveries) {
      if (state === 'waiting' || state === 'awaiting-commitment') faults.stuck.push(`${at}: a delivery is ${state}`);
      if (state === 'failed') faults.deadLettered.push(`${at}: a delivery failed: ${reason}`);
    }
    for (const uid of uids) states.set(uid, deliveries[0]?.state);
    const there = uids.filter((uid) => found.has(uid));
    if (there.length > 1) faults.doubled.push(`${at}: ${there.length} reports of one result`);
    if (resultId !== current.resultId) continue;
    if (there.length === 0) faults.lost.push(`${at}: the current report is not there`);
    else currentUid = there[0];
  }
  if (currentUid !== null) checkReplaced(at, found, currentUid, states, faults);
  for (const uid of found.keys()) if (!states.has(uid)) faults.doubled.push(`${at}: ${uid} is of no result on record`);
}

/** The current report names every other one that is there; what it names and is not there was overtaken on its way. */
function checkReplaced(at, found, currentUid, states, faults) {
  const { predecessors } = found.get(currentUid);
  for (const uid of found.keys()) {
    if (uid !== currentUid && !predecessors.includes(uid)) {
      faults.doubled.push(`${at}: a report is not replaced by the current one`);
    }
  }
  for (const uid of predecessors.filter((one) => !found.has(one))) {
    if (states.get(uid) !== 'cancelled') faults.wrong.push(`${at}: a report that was replaced is not there`);
  }
}

function addReport(reports, bytes) {
  const { dataset } = readPart10(bytes);
  if (dataset.string('Modality') !== 'SR') return;
  const studyUid = dataset.string('StudyInstanceUID');
  const ofStudy = reports.get(studyUid) ?? new Map();
  reports.set(studyUid, ofStudy);
  const predecessors = dataset
    .items('PredecessorDocumentsSequence')
    .flatMap((study) => study.items('ReferencedSeriesSequence'))
    .flatMap((series) => series.items('ReferencedSOPSequence'))
    .map((document) => document.string('ReferencedSOPInstanceUID'));
  const uid = dataset.string('SOPInstanceUID');
  const files = (ofStudy.get(uid)?.files ?? 0) + 1;
  ofStudy.set(uid, { predecessors, files });
}

async function reportsOfOrthanc(orthanc) {
  const reports = new Map();
  for (const id of await orthanc.call('GET', '/instances'))
    addReport(reports, await orthanc.bytes(`/instances/${id}/file`));
  return reports;
}

async function reportsOfFolder(world) {
  const reports = new Map();
  const outbox = join(world.folder, 'disk', 'outbox');
  for (const name of await readdir(outbox, { recursive: true }).catch(() => [])) {
    if (name.endsWith('.dcm')) addReport(reports, await readFile(join(outbox, name)));
  }
  return reports;
}
