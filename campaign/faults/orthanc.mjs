import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startServer } from '../../test-support/dist/foreign-process.js';

/** An Orthanc on ports that stay when it is restarted. */
export class OrthancNode {
  name;
  dicomPort = 0;
  #httpPort = 0;
  #config;
  #server = null;

  constructor(name) {
    this.name = name;
  }

  /** @param modalities what it may send to: { pce: { AET, Host, Port } } */
  async begin(folder, modalities) {
    [this.dicomPort, this.#httpPort] = [await freePort(), await freePort()];
    const storage = join(folder, this.name);
    await mkdir(storage, { recursive: true });
    this.#config = join(folder, `${this.name}.json`);
    const settings = {
      Name: this.name,
      StorageDirectory: storage,
      IndexDirectory: storage,
      DicomAet: this.name.toUpperCase(),
      DicomPort: this.dicomPort,
      HttpPort: this.#httpPort,
      RemoteAccessAllowed: false,
      AuthenticationEnabled: false,
      DicomAlwaysAllowStore: true,
      DicomCheckCalledAet: false,
      TcpNoDelay: true,
      ConcurrentJobs: 4,
      DicomScuTimeout: 20,
      DicomModalities: modalities,
    };
    await writeFile(this.#config, JSON.stringify(settings));
    await this.#start();
  }

  async restart(signal, downMs) {
    await this.#server.stop(signal);
    await new Promise((resolve) => setTimeout(resolve, downMs));
    await this.#start();
  }

  signal(signal) {
    this.#server.process.kill(signal);
  }

  async call(method, path, body) {
    const answer = await this.#request(method, path, body);
    return answer.json();
  }

  async bytes(path) {
    return Buffer.from(await (await this.#request('GET', path)).arrayBuffer());
  }

  stop() {
    return this.#server?.stop('SIGKILL');
  }

  async #start() {
    this.#server = await startServer('Orthanc', [this.#config], this.#httpPort);
  }

  async #request(method, path, body) {
    const answer = await fetch(`http://127.0.0.1:${this.#httpPort}${path}`, {
      method,
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${this.name} ${method} ${path}: ${answer.status}`);
    return answer;
  }
}
