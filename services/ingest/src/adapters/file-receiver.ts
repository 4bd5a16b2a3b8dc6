import type { InstanceSource } from '@pce/shared/ports/ledger';
import { readFileHead } from '../core/part10-stream.js';
import { InstanceReceiver, type ReceiverContext } from '../core/receive-instance.js';
import type { StowedInstance } from '../core/stow-response.js';

/**
 * Receives one DICOM file from a stream: its own meta information is replaced by ours, the data set kept as it is.
 *
 * @param maxBytes files beyond this are refused
 */
export async function receiveFile(
  context: ReceiverContext,
  chunks: AsyncIterable<Uint8Array>,
  source: InstanceSource,
  maxBytes: number,
): Promise<StowedInstance> {
  let head = Buffer.alloc(0);
  let receiver: InstanceReceiver | null = null;
  const named = { sopClassUid: '', sopInstanceUid: '' };
  let refusal: string | null = null;
  let total = 0;
  try {
    for await (const chunk of chunks) {
      total += chunk.length;
      if (total > maxBytes) refusal ??= `expected at most ${maxBytes} bytes; received more`;
      // What is refused is still read to its end, so that the parts after it can be taken.
      if (refusal !== null) continue;
      if (receiver) {
        await receiver.write(chunk);
        continue;
      }
      head = Buffer.concat([head, chunk]);
      const outcome = readFileHead(head);
      if (outcome.kind === 'not-dicom') refusal = outcome.message;
      if (outcome.kind !== 'head') continue;
      named.sopClassUid = outcome.head.sopClassUid;
      named.sopInstanceUid = outcome.head.sopInstanceUid;
      receiver = new InstanceReceiver(context, { ...outcome.head, source });
      await receiver.write(head.subarray(outcome.head.datasetAt));
    }
  } catch (error) {
    await receiver?.discard();
    throw error;
  }
  if (receiver && refusal === null) return { ...named, outcome: await receiver.end() };
  await receiver?.discard();
  return {
    ...named,
    outcome: { kind: 'unreadable', message: refusal ?? `expected a DICOM file; received ${total} bytes that are none` },
  };
}
