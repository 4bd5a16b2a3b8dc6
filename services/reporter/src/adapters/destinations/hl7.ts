import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ClientTls } from '../../config-schema.js';
import { type Destination, NO_MESSAGE, type Parcel, type SendOutcome } from '../../core/destination.js';
import { readAcknowledgement } from '../../core/hl7-acknowledgement.js';
import { MllpReader, mllpFrame } from '../../core/mllp.js';
import { readTls } from '../read-tls.js';

export interface Hl7Settings {
  host: string;
  port: number;
  tls?: ClientTls | undefined;
  timeoutMs: number;
}

/** An HL7 version 2 message over MLLP, on a connection of its own; delivered once the receiver accepts it. */
export function hl7Destination(settings: Hl7Settings): Destination {
  return {
    async send({ message: text }: Parcel, signal) {
      if (text === null) return NO_MESSAGE;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.timeoutMs)]);
      const unreachable = (error: Error, isPerhapsSent: boolean): SendOutcome => {
        const detail = limit.aborted ? `no answer within ${settings.timeoutMs} ms` : error.message;
        return { kind: 'unreachable', isPerhapsSent, objects: [], detail };
      };
      let socket: Socket;
      try {
        socket = await openSocket(settings, limit);
      } catch (error) {
        return unreachable(error as Error, false);
      }
      try {
        return outcomeOf(await exchange(socket, text, limit), text);
      } catch (error) {
        return unreachable(error as Error, true);
      } finally {
        socket.destroy();
      }
    },
  };
}

async function openSocket({ host, port, tls }: Hl7Settings, signal: AbortSignal): Promise<Socket> {
  const certificates = await readTls(tls);
  const servername = /^[\d.:]+$/.test(host) ? '' : host;
  const socket = tls ? connectTls({ servername, ...certificates, host, port }) : connect({ host, port, noDelay: true });
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    if (signal.aborted) return fail(signal.reason);
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    socket.once('error', fail);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

/** Sends the message and gives the first message that comes back. */
function exchange(socket: Socket, message: string, signal: AbortSignal): Promise<string> {
  const reader = new MllpReader();
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the receiver closed the connection without an acknowledgement')));
    socket.on('data', (bytes: Buffer) => {
      try {
        const [answer] = reader.push(bytes);
        if (answer !== undefined) resolve(answer.toString('utf8'));
      } catch (error) {
        reject(error);
      }
    });
    socket.write(mllpFrame(message));
  });
}

/** Source: HL7 v2.5.1 section 2.9.2 and table 0008. */
function outcomeOf(answer: string, message: string): SendOutcome {
  const acknowledgement = readAcknowledgement(answer);
  if (acknowledgement === null) return { kind: 'troubled', objects: [], detail: 'the answer is no acknowledgement' };
  const { code, controlId, errorCode } = acknowledgement;
  const detail = `${code}${errorCode ? `, error ${errorCode}` : ''}`;
  // MSH-10 of what we sent: the tenth field, where the separator itself counts as the first.
  const sentId = message.split('\r', 1)[0]?.split('|')[9];
  if (controlId !== sentId) return { kind: 'troubled', objects: [], detail: `${detail}, but for another message` };
  if (code === 'AA' || code === 'CA') return { kind: 'accepted', objects: [], detail };
  return { kind: code === 'AR' || code === 'CR' ? 'refused' : 'troubled', objects: [], detail };
}
