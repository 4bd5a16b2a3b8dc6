import type { ConnectionOptions } from 'node:tls';
import { readBareDataset } from '@pce/shared/dicom/bare-dataset';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { writeSmallDataset } from '@pce/shared/dicom/small-dataset-writer';
import { TRANSFER_SYNTAXES } from '@pce/shared/dicom/transfer-syntax';
import type { Association } from '@pce/shared/dimse/association';
import { type ContextProposal, openAssociation } from '@pce/shared/dimse/scu';
import { find, get, move, type RetrieveProgress } from '@pce/shared/dimse/scu-operations';
import type { DimseServices } from '@pce/shared/dimse/services';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, SOP_CLASS } from '@pce/shared/dimse/sop-classes';
import { isSuccessOrWarning } from '@pce/shared/dimse/status';
import type { PulledStudy, PullQuery } from '../core/pull.js';
import { InstanceReceiver, type ReceiverContext } from '../core/receive-instance.js';

/** The PACS to pull from, and how. */
export interface PullSource {
  host: string;
  port: number;
  aeTitle: string;
  /** Our own AE title; for 'move' the PACS must know it as a destination. */
  ownAeTitle: string;
  method: 'move' | 'get';
  tls?: ConnectionOptions;
}

/** Image storage classes asked for with C-GET: what is analysed. Source: PS3.6 annex A. */
const IMAGE_CLASSES = [
  '1.2.840.10008.5.1.4.1.1.2',
  '1.2.840.10008.5.1.4.1.1.2.1',
  '1.2.840.10008.5.1.4.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1',
  '1.2.840.10008.5.1.4.1.1.12.1',
  '1.2.840.10008.5.1.4.1.1.12.2',
  '1.2.840.10008.5.1.4.1.1.7',
];
const PLAIN = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];

/**
 * Finds the studies that meet a query and has them sent to us, one after the other.
 *
 * @throws the errors of `openAssociation`; NoPresentationContextError when the PACS does not offer the service
 */
export async function* pullStudies(
  source: PullSource,
  query: PullQuery,
  receiver: ReceiverContext,
): AsyncGenerator<PulledStudy, void, undefined> {
  const association = await openPull(source, pulledInto(source, receiver));
  try {
    for (const study of await findStudies(association, query)) yield await retrieve(association, source, study);
  } finally {
    if (association.isOpen) await association.release();
  }
}

/** Decides what becomes of an instance that C-GET brings. */
export type TakePulled = NonNullable<DimseServices['store']>;

/**
 * Opens an association to find and retrieve studies.
 *
 * @param store takes what C-GET brings; C-MOVE brings it elsewhere
 * @throws the errors of `openAssociation`
 */
export function openPull(source: PullSource, store: TakePulled): Promise<Association> {
  return openAssociation({
    host: source.host,
    port: source.port,
    ...(source.tls ? { tls: source.tls } : {}),
    callingAeTitle: source.ownAeTitle,
    calledAeTitle: source.aeTitle,
    contexts: proposals(source.method),
    // For C-GET the PACS sends on the association we opened: we are SCP of what it sends.
    ...(source.method === 'get' ? { roles: IMAGE_CLASSES.map(asScp), services: { store } } : {}),
  });
}

const asScp = (sopClassUid: string) => ({ sopClassUid, scu: false, scp: true });

function proposals(method: PullSource['method']): ContextProposal[] {
  const retrieveClass = method === 'move' ? SOP_CLASS.studyRootMove : SOP_CLASS.studyRootGet;
  const services = [SOP_CLASS.studyRootFind, retrieveClass].map((abstractSyntax) => ({
    abstractSyntax,
    transferSyntaxes: PLAIN,
  }));
  if (method === 'move') return services;
  const transferSyntaxes = Object.keys(TRANSFER_SYNTAXES).sort((left) => (left === EXPLICIT_VR_LITTLE_ENDIAN ? -1 : 1));
  return [...services, ...IMAGE_CLASSES.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes }))];
}

function pulledInto(source: PullSource, receiver: ReceiverContext): TakePulled {
  return (request) => {
    const sink = new InstanceReceiver(receiver, {
      sopClassUid: request.sopClassUid,
      sopInstanceUid: request.sopInstanceUid,
      transferSyntaxUid: request.context.transferSyntax,
      source: { door: 'pull', sender: source.aeTitle },
    });
    const end = async () => ({ status: 'instance' in (await sink.end()) ? 0 : 0xc000 });
    const write = (bytes: Uint8Array) => sink.write(bytes);
    return { kind: 'take', sink: { write, end, discard: () => sink.discard() } };
  };
}

/** Studies that meet a query (C-FIND at study level). */
export async function findStudies(association: Association, query: PullQuery): Promise<string[]> {
  const context = association.contextFor(SOP_CLASS.studyRootFind, null);
  const keys = { ...query, QueryRetrieveLevel: 'STUDY', StudyInstanceUID: query.StudyInstanceUID ?? '' };
  const identifier = writeSmallDataset(keys, context.transferSyntax !== IMPLICIT_VR_LITTLE_ENDIAN);
  const studies = new Set<string>();
  for await (const bytes of find(association, SOP_CLASS.studyRootFind, identifier)) {
    const found: Dataset = readBareDataset(bytes, context.transferSyntax);
    const uid = found.string('StudyInstanceUID');
    if (uid) studies.add(uid);
  }
  return [...studies];
}

/** Has a study sent, by C-GET on the association or by C-MOVE to our own AE title. */
export async function retrieve(
  association: Association,
  source: PullSource,
  studyInstanceUid: string,
): Promise<PulledStudy> {
  const sopClass = source.method === 'move' ? SOP_CLASS.studyRootMove : SOP_CLASS.studyRootGet;
  const isExplicit = association.contextFor(sopClass, null).transferSyntax !== IMPLICIT_VR_LITTLE_ENDIAN;
  const identifier = writeSmallDataset({ QueryRetrieveLevel: 'STUDY', StudyInstanceUID: studyInstanceUid }, isExplicit);
  const steps =
    source.method === 'move'
      ? move(association, sopClass, identifier, source.ownAeTitle)
      : get(association, sopClass, identifier);
  let last: RetrieveProgress = { status: 0, remaining: null, completed: null, failed: null, warning: null };
  for await (const step of steps) last = step;
  const completed = (last.completed ?? 0) + (last.warning ?? 0);
  return {
    studyInstanceUid,
    completed,
    failed: last.failed ?? (isSuccessOrWarning(last.status) ? 0 : 1),
    status: last.status,
  };
}
