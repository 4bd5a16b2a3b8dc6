// None of these packages declares its types; the tests use this much of them.
declare module 'dcmjs-dimse' {
  interface Emitter {
    on(event: string, listener: (...values: never[]) => void): void;
  }
  class Client implements Emitter {
    on(event: string, listener: (...values: never[]) => void): void;
    addRequest(request: Emitter): void;
    send(host: string, port: number, callingAeTitle: string, calledAeTitle: string): void;
  }
  const dcmjsDimse: {
    Client: typeof Client;
    constants: { Status: { Success: number } };
    requests: {
      CEchoRequest: new () => Emitter;
      CStoreRequest: new (path: string) => Emitter;
    };
  };
  export default dcmjsDimse;
}

declare module 'dicomweb-client' {
  export const api: {
    DICOMwebClient: new (options: {
      url: string;
    }) => {
      storeInstances(options: { datasets: ArrayBuffer[] }): Promise<unknown>;
      searchForStudies(options: {
        queryParams: Record<string, string>;
      }): Promise<Record<string, { Value?: unknown[] }>[]>;
      retrieveSeriesMetadata(options: {
        studyInstanceUID: string;
        seriesInstanceUID: string;
      }): Promise<Record<string, { Value?: unknown[] }>[]>;
      retrieveInstance(options: {
        studyInstanceUID: string;
        seriesInstanceUID: string;
        sopInstanceUID: string;
      }): Promise<ArrayBuffer>;
    };
  };
}

declare module 'xmlhttprequest-ssl' {
  export const XMLHttpRequest: new () => { send(body: unknown): void };
}
