import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { TLS_PROFILE } from '@pce/shared/dimse/tls-profile';

/** A receiver that takes nothing and says nothing for so long is gone. [design] */
const SILENCE_MS = 10_000;

/**
 * Connects by TLS 1.2 or newer.
 *
 * @param opening told of the socket while it is being opened, so that it can be given up
 */
export function openTls(options: ConnectionOptions, opening: (socket: TLSSocket) => void): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...TLS_PROFILE, timeout: SILENCE_MS, ...options });
    opening(socket);
    // What breaks later shows in `writeAll` and in whoever looks at the socket after it.
    socket.on('error', reject);
    socket.on('timeout', () => socket.destroy(new Error('the receiver does not answer')));
    socket.once('secureConnect', () => {
      socket.resume();
      resolve(socket);
    });
  });
}

/** Settles when the bytes are with the system; a receiver that stops taking them is given up. */
export function writeAll(socket: TLSSocket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
