import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, Server as TlsServer } from 'node:tls';
import { type AcceptorOptions, acceptAssociations } from './acceptor.js';
import type { Association } from './association.js';

/** Where and how to listen. */
export interface ScpOptions extends AcceptorOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** TLS when given: certificate, key, and for client certificates `ca` and `requestCert`. */
  tls?: TlsOptions;
  /** Takes what went wrong with connections before there was an association. */
  connectionFailed?: (address: string, error: Error) => void;
}

export interface Scp {
  /** The port it listens on. */
  readonly port: number;
  /** Associations that are open now. */
  readonly associations: ReadonlySet<Association>;
  /** Exchanges the certificate for connections to come; nothing without TLS. */
  setSecureContext(tls: TlsOptions): void;
  /** Takes no more connections, gives the open associations `graceMs` to end, then aborts them. */
  close(graceMs: number): Promise<void>;
}

/** Connections above the association limit that may wait for their polite refusal. [design] */
const SPARE_CONNECTIONS = 16;

/** Listens for associations. Source: PS3.8; the services performed are those that `admit` gives. */
export async function startScp(options: ScpOptions): Promise<Scp> {
  const acceptor = acceptAssociations(options);
  const server = options.tls
    ? createTlsServer({ handshakeTimeout: options.patience.artimMs, ...options.tls }, (socket) => acceptor.take(socket))
    : createServer({ noDelay: true }, (socket) => acceptor.take(socket));
  server.maxConnections = options.maxAssociations * 2 + SPARE_CONNECTIONS;
  const sockets = trackSockets(server, options);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // An error of the listening socket later on, such as running out of descriptors, must not end the process.
  server.on('error', (error) => options.connectionFailed?.('', error));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    associations: acceptor.associations,
    setSecureContext: (tls) => {
      if (server instanceof TlsServer) server.setSecureContext(tls);
    },
    close: (graceMs) => closeServer(server, sockets, acceptor.associations, graceMs),
  };
}

function trackSockets(server: Server, options: ScpOptions): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    options.connectionFailed?.(socket.remoteAddress ?? '', error);
    socket.destroy();
  });
  return sockets;
}

async function closeServer(
  server: Server,
  sockets: ReadonlySet<Socket>,
  associations: ReadonlySet<Association>,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const abortAll = setTimeout(() => {
    for (const association of associations) association.abort('we are shutting down');
    for (const socket of sockets) socket.destroySoon();
  }, graceMs);
  await closed;
  clearTimeout(abortAll);
}
