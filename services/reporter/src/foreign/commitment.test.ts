import { readBareDataset } from '@pce/shared/dicom/bare-dataset';
import { writeSmallDataset } from '@pce/shared/dicom/small-dataset-writer';
import { type Scp, startScp } from '@pce/shared/dimse/scp';
import { reportEvent } from '@pce/shared/dimse/scu-operations';
import { SOP_CLASS, STORAGE_COMMITMENT_INSTANCE } from '@pce/shared/dimse/sop-classes';
import { sampleStudy } from '@pce/test-support/sample-study';
import { afterEach, expect, it } from 'vitest';
import { recordStudy, startTestReporter, type TestReporter } from './test-reporter.js';

let reporter: TestReporter | null = null;
let scp: Scp | null = null;
afterEach(async () => {
  await reporter?.end();
  await scp?.close(0);
  reporter = null;
  scp = null;
});

/** What the receiver has: it says "success" to everything, and keeps only from the n-th time on. */
interface Liar {
  stored: string[];
  asked: number;
}

/** Acknowledges all it gets; commits only to objects it got `keepsFrom` times. Null: never answers. */
async function startLiar(keepsFrom: number | null): Promise<Liar> {
  const liar: Liar = { stored: [], asked: 0 };
  scp = await startScp({
    host: '127.0.0.1',
    port: 0,
    maxAssociations: 5,
    maxPduLength: 16_384,
    patience: { artimMs: 5000, stallMs: 5000, idleMs: 5000 },
    responseTimeoutMs: 5000,
    asynchronousOperations: { maxInvoked: 1, maxPerformed: 1 },
    admit: () => ({
      kind: 'accept',
      contexts: () => ({ transferSyntaxes: 'any' }),
      services: {
        store: ({ sopInstanceUid }) => ({
          kind: 'take',
          sink: {
            write: () => {},
            discard: () => {},
            end: async () => {
              liar.stored.push(sopInstanceUid);
              return { status: 0 };
            },
          },
        }),
        action: (request, association) => {
          liar.asked += 1;
          if (keepsFrom === null) return { status: 0 };
          const asked = readBareDataset(request.dataset, request.context.transferSyntax);
          const [item] = asked.items('ReferencedSOPSequence');
          const uid = item!.string('ReferencedSOPInstanceUID')!;
          const reference = {
            ReferencedSOPClassUID: item!.string('ReferencedSOPClassUID')!,
            ReferencedSOPInstanceUID: uid,
          };
          const has = liar.stored.filter((stored) => stored === uid).length >= keepsFrom;
          const information = writeSmallDataset(
            {
              TransactionUID: asked.string('TransactionUID')!,
              ...(has
                ? { ReferencedSOPSequence: [reference] }
                : { FailedSOPSequence: [{ ...reference, FailureReason: 0x0112 }] }),
            },
            true,
          );
          const report = {
            sopClassUid: SOP_CLASS.storageCommitmentPushModel,
            sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
            typeId: has ? 1 : 2,
            dataset: information,
          };
          return { status: 0, afterwards: () => void reportEvent(association, report).catch(() => {}) };
        },
      },
    }),
  });
  return liar;
}

const yaml = (more: string) => `
destinations:
  - name: pacs
    objects: [sr]
    cStore: { host: 127.0.0.1, port: ${scp!.port}, aeTitle: LIAR, commitment: true, ${more} }
    retry: { firstDelaySeconds: 0.05, longestDelaySeconds: 0.1 }`;

async function deliver(more: string) {
  reporter = await startTestReporter(yaml(more));
  const resultId = await recordStudy(reporter, sampleStudy('ct-positive', 1));
  await reporter.sweep();
  return async () => (await reporter!.ledger.deliveries.searchDeliveries({ resultId }, 1, 0))[0]!;
}

it('a receiver that acknowledges and does not keep is found out, and gets the same object again', async () => {
  const liar = await startLiar(3);
  const delivery = await deliver('');
  await expect.poll(async () => (await delivery())?.state, { timeout: 20_000 }).toBe('delivered');
  const { objects, deliveryId, attempts } = await delivery();
  expect(objects[0]).toMatchObject({ state: 'committed', status: 0 });
  expect([new Set(liar.stored).size, liar.stored.length, attempts, liar.asked]).toEqual([1, 3, 3, 3]);
  const outcomes = (await reporter!.ledger.deliveries.attempts(deliveryId)).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['awaiting-commitment', 'awaiting-commitment', 'awaiting-commitment']);
});

it('a receiver that never says whether it commits is asked again, and then not believed', async () => {
  const liar = await startLiar(null);
  const delivery = await deliver('commitmentSeconds: 0.1, commitmentRequests: 2');
  await expect.poll(async () => (await delivery())?.state, { timeout: 20_000 }).toBe('failed');
  expect((await delivery()).reason).toBe('acknowledged, but no commitment after 2 requests');
  expect([liar.stored.length, liar.asked]).toEqual([1, 2]);
});
