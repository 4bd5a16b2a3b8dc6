import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A TCP relay on a loopback port whose connections can be cut in the middle of whatever they carry. */
export async function startProxy(targetPort) {
  const pairs = new Set();
  const server = createServer((incoming) => {
    const outgoing = connect(targetPort(), '127.0.0.1');
    for (const socket of [incoming, outgoing]) socket.setNoDelay(true);
    const pair = [incoming, outgoing];
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    incoming.pipe(outgoing);
    outgoing.pipe(incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    /** Cuts every connection as a router does that lost its state: TCP RST both ways. @returns how many */
    reset() {
      const cut = [...pairs];
      for (const pair of cut) for (const socket of pair) socket.resetAndDestroy();
      return cut.length;
    },
    async stop() {
      for (const pair of [...pairs]) for (const socket of pair) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
