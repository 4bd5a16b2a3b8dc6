import { connect } from 'node:net';

/** Nothing more is waited for on one connection. [design] */
const PATIENCE_MS = 4000;
/** A peer that is answered says the rest; one that is not says it all the same, after this. [design] */
const ANSWER_MS = 300;

/**
 * Says one piece after the other, each when the one before it has been answered: who says all at once is cut off as soon
 * as DICOM's rules forbid what comes, and reaches nothing behind. Ends when the other side ends, or patience does.
 *
 * @param options.staysOpen not to end after the last piece
 * @returns the first bytes of what was answered
 */
export function converse(port, pieces, { staysOpen = false, patienceMs = PATIENCE_MS }) {
  return new Promise((resolve) => {
    const heard = [];
    let [next, waiting] = [0, null];
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    const patience = setTimeout(() => socket.destroy(), patienceMs);
    const say = () => {
      clearTimeout(waiting);
      if (next === pieces.length) return;
      socket.write(pieces[next]);
      next += 1;
      if (next < pieces.length) waiting = setTimeout(say, ANSWER_MS);
      else if (!staysOpen) socket.end();
    };
    socket.on('connect', say);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      if (heard.length < 2) heard.push(data.subarray(0, 2000));
      say();
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(patience);
      clearTimeout(waiting);
      resolve(Buffer.concat(heard));
    });
  });
}
