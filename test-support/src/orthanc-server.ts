import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ForeignServer, freePort, startServer } from './foreign-process.js';

/** A running Orthanc with its DICOMweb plugin. */
export interface Orthanc extends ForeignServer {
  dicomPort: number;
  /** Base of its DICOMweb services. */
  webUrl: string;
  /** Calls its REST API with JSON; throws with its message when it fails. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  /** The bytes of a REST resource. */
  bytes(path: string): Promise<Buffer>;
}

export interface OrthancPeers {
  /** Our DICOM server, known to it as "pce". */
  dicomPort: number;
  /** Our DICOMweb server, known to it as "pce". */
  webUrl?: string;
}

/** Starts Orthanc on loopback ports with a configuration of its own below `folder`. AE title ORTHANC. */
export async function startOrthanc(program: string, folder: string, peers: OrthancPeers): Promise<Orthanc> {
  const [dicomPort, httpPort] = [await freePort(), await freePort()];
  const storage = join(folder, 'orthanc');
  await mkdir(storage, { recursive: true });
  const config = join(folder, 'orthanc.json');
  const settings = {
    StorageDirectory: storage,
    IndexDirectory: storage,
    DicomAet: 'ORTHANC',
    DicomPort: dicomPort,
    HttpPort: httpPort,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    DicomAlwaysAllowStore: true,
    DicomCheckCalledAet: false,
    TcpNoDelay: true,
    Plugins: ['/usr/share/orthanc/plugins/libOrthancDicomWeb.so'],
    DicomModalities: { pce: { AET: 'PCE', Host: '127.0.0.1', Port: peers.dicomPort, AllowStorageCommitment: true } },
    DicomWeb: { Enable: true, Servers: peers.webUrl ? { pce: { Url: peers.webUrl } } : {} },
  };
  await writeFile(config, JSON.stringify(settings));
  const server = await startServer(program, [config], httpPort);
  const request = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, {
      method,
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`Orthanc ${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    ...server,
    dicomPort,
    webUrl: `http://127.0.0.1:${httpPort}/dicom-web`,
    call: async (method, path, body) => (await request(method, path, body)).json(),
    bytes: async (path) => Buffer.from(await (await request('GET', path)).arrayBuffer()),
  };
}
