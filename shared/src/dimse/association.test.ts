import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { AssociationEvent } from './acceptor.js';
import { AssociationEndedError, AssociationRejectedError, NoPresentationContextError } from './protocol-errors.js';
import { type Scp, type ScpOptions, startScp } from './scp.js';
import { openAssociation, type ScuOptions } from './scu.js';
import { echo, reportEvent, requestAction, store, storeContexts } from './scu-operations.js';
import type { DimseServices, StoreSink } from './services.js';
import { SOP_CLASS, STORAGE_COMMITMENT_INSTANCE } from './sop-classes.js';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const JPEG = '1.2.840.10008.1.2.4.70';
const patience = { artimMs: 2000, stallMs: 2000, idleMs: 5000 };

const running: Scp[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((scp) => scp.close(0)));
});

/** A server that keeps what it is sent in memory. */
async function serve(services: DimseServices, options: Partial<ScpOptions> = {}) {
  const events: AssociationEvent[] = [];
  const scp = await startScp({
    host: '127.0.0.1',
    port: 0,
    maxAssociations: 10,
    maxPduLength: 16384,
    patience,
    responseTimeoutMs: 2000,
    asynchronousOperations: { maxInvoked: 4, maxPerformed: 4 },
    admit: () => ({ kind: 'accept', contexts: () => ({ transferSyntaxes: 'any' }), services }),
    observe: (event) => events.push(event),
    ...options,
  });
  running.push(scp);
  return { scp, events };
}

function memorySink(end: (bytes: Buffer) => void, discard: () => void = () => {}): StoreSink {
  const parts: Uint8Array[] = [];
  return {
    write: (bytes) => {
      parts.push(Buffer.from(bytes));
    },
    end: async () => {
      end(Buffer.concat(parts));
      return { status: 0 };
    },
    discard,
  };
}

function scuOptions(port: number, options: Partial<ScuOptions> = {}): ScuOptions {
  return {
    host: '127.0.0.1',
    port,
    callingAeTitle: 'SENDER',
    calledAeTitle: 'PCE',
    contexts: [
      { abstractSyntax: SOP_CLASS.verification, transferSyntaxes: [EXPLICIT] },
      { abstractSyntax: CT, transferSyntaxes: [EXPLICIT] },
      { abstractSyntax: CT, transferSyntaxes: [JPEG] },
      { abstractSyntax: SOP_CLASS.storageCommitmentPushModel, transferSyntaxes: [EXPLICIT] },
    ],
    patience,
    responseTimeoutMs: 2000,
    ...options,
  };
}

const instance = (dataset: Uint8Array, sopInstanceUid = '1.2.3') => ({
  sopClassUid: CT,
  sopInstanceUid,
  transferSyntaxUid: EXPLICIT,
  dataset,
});

describe('associations between our two ends', () => {
  it('echo, and release in order', async () => {
    const { scp, events } = await serve({ echo: () => ({ status: 0 }) });
    const association = await openAssociation(scuOptions(scp.port));
    expect(await echo(association)).toEqual({ status: 0 });
    await association.release();
    expect(await association.ended).toBe('released');
    await expect.poll(() => events.map((event) => event.kind)).toEqual(['opened', 'ended']);
    expect(events[1]).toMatchObject({ cause: 'released' });
    expect(events[0]).toMatchObject({ peer: { callingAeTitle: 'SENDER', calledAeTitle: 'PCE', address: '127.0.0.1' } });
  });

  it.each([
    ['far below the PDU size', 10],
    ['one PDU exactly', 16384 - 6],
    ['many PDUs', 1_000_001 - 1],
  ])('store: the bytes arrive unchanged, %s', async (_name, length) => {
    const received: Buffer[] = [];
    const { scp } = await serve({ store: () => ({ kind: 'take', sink: memorySink((bytes) => received.push(bytes)) }) });
    const association = await openAssociation(scuOptions(scp.port));
    const dataset = randomBytes(length);
    expect(await store(association, instance(dataset))).toEqual({ status: 0 });
    const chunks = (async function* () {
      for (let at = 0; at < length; at += 5000) yield dataset.subarray(at, at + 5000);
    })();
    expect(await store(association, { ...instance(dataset), dataset: chunks })).toEqual({ status: 0 });
    await association.release();
    expect(received.map((bytes) => bytes.equals(dataset))).toEqual([true, true]);
  });

  it('store in exactly the transfer syntax of the instance, or not at all', async () => {
    const syntaxes: string[] = [];
    const { scp } = await serve({
      store: ({ context }) => {
        syntaxes.push(context.transferSyntax);
        return { kind: 'take', sink: memorySink(() => {}) };
      },
    });
    const compressed = { ...instance(Buffer.alloc(10)), transferSyntaxUid: JPEG };
    const contexts = storeContexts([compressed, instance(Buffer.alloc(0)), compressed]);
    expect(contexts).toHaveLength(2);
    const association = await openAssociation(scuOptions(scp.port, { contexts }));
    await store(association, compressed);
    await store(association, instance(Buffer.alloc(10)));
    expect(syntaxes).toEqual([JPEG, EXPLICIT]);
    await expect(store(association, { ...compressed, transferSyntaxUid: '1.2.840.10008.1.2.2' })).rejects.toThrow(
      NoPresentationContextError,
    );
    await association.release();
  });

  it('refuse a store with a status and a comment, after taking the data set off the line', async () => {
    const { scp } = await serve({
      echo: () => ({ status: 0 }),
      store: () => ({ kind: 'refuse', status: 0xa700, errorComment: 'Disk is full' }),
    });
    const association = await openAssociation(scuOptions(scp.port));
    expect(await store(association, instance(randomBytes(500_000)))).toEqual({
      status: 0xa700,
      errorComment: 'Disk is full',
    });
    expect(await echo(association)).toEqual({ status: 0 });
    await association.release();
  });

  it('have as many operations under way as was agreed, and no more', async () => {
    let running = 0;
    let most = 0;
    const { scp } = await serve({
      store: () => {
        running += 1;
        most = Math.max(most, running);
        const sink = memorySink(() => {});
        const end = async () => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          running -= 1;
          return { status: 0 };
        };
        return { kind: 'take', sink: { ...sink, end } };
      },
    });
    const association = await openAssociation(
      scuOptions(scp.port, { asynchronousOperations: { maxInvoked: 16, maxPerformed: 1 } }),
    );
    const uids = Array.from({ length: 12 }, (_, index) => `1.2.${index + 1}`);
    const replies = await Promise.all(uids.map((uid) => store(association, instance(Buffer.alloc(40_000), uid))));
    expect(replies.every((reply) => reply.status === 0)).toBe(true);
    expect(most).toBe(4);
    await association.release();
  });

  it('commit storage with an event report on the same association', async () => {
    const reported: string[] = [];
    const { scp } = await serve({
      action: (request, association) => ({
        status: 0,
        afterwards: () => {
          void reportEvent(association, { ...request, typeId: 1, dataset: Buffer.from('committed!') });
        },
      }),
    });
    const association = await openAssociation(
      scuOptions(scp.port, {
        services: {
          eventReport: (request) => {
            reported.push(`${request.typeId} ${request.dataset.toString()}`);
            return { status: 0 };
          },
        },
      }),
    );
    const reply = await requestAction(association, {
      sopClassUid: SOP_CLASS.storageCommitmentPushModel,
      sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
      typeId: 1,
      dataset: Buffer.from('please'),
    });
    expect(reply).toEqual({ status: 0 });
    await expect.poll(() => reported).toEqual(['1 committed!']);
    await association.release();
  });

  it('reject with the reason, and say so to the caller', async () => {
    const { scp, events } = await serve(
      {},
      { admit: () => ({ kind: 'reject', rejection: 'calling-ae-title-not-recognized', detail: 'add SENDER' }) },
    );
    const failure = await openAssociation(scuOptions(scp.port)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AssociationRejectedError);
    expect(failure).toMatchObject({ result: 1, source: 1, reason: 3, isTransient: false });
    expect(events).toMatchObject([{ kind: 'rejected', detail: 'add SENDER' }]);
  });

  it('pass the user identity to the checker and its answer back', async () => {
    const userIdentity = {
      type: 2,
      wantsResponse: true,
      primaryField: Buffer.from('modality'),
      secondaryField: Buffer.from('secret'),
    };
    const { scp } = await serve(
      { echo: () => ({ status: 0 }) },
      {
        checkIdentity: (identity) =>
          Buffer.from(identity?.secondaryField ?? []).toString() === 'secret'
            ? { kind: 'accepted', serverResponse: Buffer.from('ticket') }
            : { kind: 'refused', detail: 'wrong passcode' },
      },
    );
    const association = await openAssociation(scuOptions(scp.port, { userIdentity }));
    await association.release();
    await expect(openAssociation(scuOptions(scp.port))).rejects.toThrow(AssociationRejectedError);
  });

  it('abort in the middle of a data set: nothing of it stays', async () => {
    let discarded = 0;
    const { scp } = await serve({
      store: () => ({
        kind: 'take',
        sink: memorySink(
          () => {},
          () => {
            discarded += 1;
          },
        ),
      }),
    });
    const association = await openAssociation(scuOptions(scp.port));
    const endless = (async function* () {
      for (let turn = 0; turn < 20; turn += 1) yield Buffer.alloc(30_000);
      association.abort('enough');
      yield Buffer.alloc(1);
    })();
    const sent = store(association, { ...instance(Buffer.alloc(0)), dataset: endless });
    await expect(sent).rejects.toThrow(AssociationEndedError);
    await expect.poll(() => discarded).toBe(1);
    expect(scp.associations.size).toBe(0);
  });

  it('stop reading while the sink is slow', async () => {
    let letGo: () => void = () => {};
    let written = 0;
    const { scp } = await serve({
      store: () => ({
        kind: 'take',
        sink: {
          write: (bytes) => {
            written += bytes.length;
            return written > 100_000
              ? new Promise<void>((resolve) => {
                  letGo = resolve;
                })
              : undefined;
          },
          end: async () => ({ status: 0 }),
          discard: () => {},
        },
      }),
    });
    const association = await openAssociation(scuOptions(scp.port));
    let pulled = 0;
    const huge = (async function* () {
      for (let turn = 0; turn < 1000; turn += 1) {
        pulled += 100_000;
        yield Buffer.alloc(100_000);
      }
    })();
    const stored = store(association, { ...instance(Buffer.alloc(0)), dataset: huge });
    await expect.poll(() => written).toBeGreaterThan(100_000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    // 100 MB are offered; the socket buffers of both ends hold a few, and then the sender waits.
    expect(pulled).toBeLessThan(30_000_000);
    const timer = setInterval(() => letGo(), 0);
    expect(await stored).toEqual({ status: 0 });
    clearInterval(timer);
    expect(written).toBe(100_000_000);
    await association.release();
  });

  it('answer a release only when nothing is under way', async () => {
    let finished = false;
    const { scp } = await serve({
      store: () => ({
        kind: 'take',
        sink: {
          ...memorySink(() => {}),
          end: async () => {
            await new Promise((resolve) => setTimeout(resolve, 50));
            finished = true;
            return { status: 0 };
          },
        },
      }),
    });
    const association = await openAssociation(scuOptions(scp.port));
    const stored = store(association, instance(Buffer.alloc(10)));
    await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all([association.release(), stored]);
    expect(finished).toBe(true);
    expect(await association.ended).toBe('released');
  });
});
