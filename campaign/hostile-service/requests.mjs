import { mutateText } from '../hostile/mutate-text.mjs';

const VALUES = [
  '1.2.3',
  '0',
  '-1',
  '99999999999999999999',
  '1e9',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '%ff',
  '%',
  '*',
  '?*',
  "'%20OR%201=1--",
  '%3Cscript%3E',
  '1.'.repeat(200),
  'x'.repeat(9000),
  '__proto__',
  'constructor',
  '0a'.repeat(32),
  '1,2,3,',
  '1%5C2',
  '20200101-20201231',
  '-',
  'PCE',
  'csv',
];
const QUERY_KEYS = [
  'limit',
  'offset',
  'StudyDate',
  'PatientName',
  '00100020',
  'includefield',
  'fuzzymatching',
  'InputInformationSequence.StudyInstanceUID',
  'filter',
  'state',
  'study',
  'window',
  'viewport',
  'quality',
  'transaction',
  '__proto__',
  'a[b]',
];
const TYPES = [
  'application/json',
  'application/dicom+json',
  'text/plain',
  'application/octet-stream',
  'multipart/related',
];
const ACCEPTS = [
  '*/*',
  'application/dicom+json',
  'multipart/related; type="application/dicom"',
  'multipart/related; type="application/octet-stream"; transfer-syntax=*',
  'image/jpeg',
  'image/png;q=x',
  ',,;;=',
];
const RETRIEVALS = [
  '',
  '/metadata',
  '/frames/1',
  '/frames/1,2,99999',
  '/rendered',
  '/rendered?window=-1e9,0,linear',
  '/rendered?viewport=1,1',
  '/frames/1/rendered?quality=0',
];
const TASK = JSON.stringify({
  '00741000': { vr: 'CS', Value: ['SCHEDULED'] },
  '00741200': { vr: 'CS', Value: ['HIGH'] },
  '00741204': { vr: 'LO', Value: ['read'] },
  '00404005': { vr: 'DT', Value: ['20260102030405'] },
  '00404041': { vr: 'CS', Value: ['READY'] },
  '00404018': {
    vr: 'SQ',
    Value: [{ '00080100': { vr: 'SH', Value: ['PCE-401'] }, '00080102': { vr: 'SH', Value: ['99PCE'] } }],
  },
  '00404021': { vr: 'SQ', Value: [{ '0020000D': { vr: 'UI', Value: ['1.2.3'] } }] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'A^B' }] },
});
const BODIES = [
  TASK,
  `[${TASK}]`,
  '{"study":"1.2.3","destination":"outbox","state":"failed"}',
  '{"name":"rita","password":"x"}',
  '{"source":"pacs","studyInstanceUid":"1.2.3"}',
  '{"00081195":{"vr":"UI","Value":["1.2"]},"00741000":{"vr":"CS","Value":["IN PROGRESS"]}}',
  '{"verdict":"agree"}',
  '[]',
  'null',
  '['.repeat(5000),
  '{"__proto__":{"polluted":true}}',
];

/** Requests to every address the service describes, with damaged parts; and damaged requests. */
export async function requestKinds(service, send) {
  const description = await (await fetch(`http://127.0.0.1:${service.webPort}/api/json`)).json();
  const routes = Object.entries(description.paths).flatMap(([path, ways]) =>
    Object.keys(ways).map((method) => ({ method: method.toUpperCase(), path })),
  );
  const { csrfToken } = await (await fetch(`http://127.0.0.1:${service.webPort}/worklist/api/session`)).json();
  const headers = [`Host: 127.0.0.1:${service.webPort}`, 'Connection: close', `X-CSRF-Token: ${csrfToken}`];
  const of = (change) => ({ make: (random) => change(requestOf(random.pick(routes), headers, random), random), send });
  return {
    address: of((text) => Buffer.from(text, 'latin1')),
    request: of((text, random) => Buffer.from(mutateText(text, random), 'latin1')),
    retrieval: {
      make: (random) => [random.below(2 ** 31), random.pick(RETRIEVALS), random.pick(ACCEPTS)],
      send: (wish) => retrieve(service.webPort, wish, send),
    },
  };
}

/** Of what was stored, all of it damaged: which instance that is, is a matter of what came before. */
async function retrieve(port, [number, what, accept], send) {
  const base = `http://127.0.0.1:${port}/dicomweb`;
  const listed = async (query) => {
    const answer = await fetch(`${base}/instances?${query}`);
    return answer.status === 200 ? answer.json() : [];
  };
  const [instance] = [...(await listed(`limit=1&offset=${number % 1000}`)), ...(await listed('limit=1'))];
  if (!instance) return null;
  const [study, series, sop] = ['0020000D', '0020000E', '00080018'].map((tag) => instance[tag].Value[0]);
  const path = `/dicomweb/studies/${study}/series/${series}/instances/${sop}${what}`;
  return send(Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept: ${accept}\r\n\r\n`));
}

function requestOf({ method, path }, headers, random) {
  const filled = path.replace(/\{\w+\}/g, () => random.pick(VALUES));
  const asked = Array.from({ length: random.below(4) }, () => `${random.pick(QUERY_KEYS)}=${random.pick(VALUES)}`);
  const lines = [
    `${random.oneIn(10) ? random.pick(['PATCH', 'OPTIONS', 'HEAD', 'DELETE']) : method} ${filled}${asked.length > 0 ? '?' : ''}${asked.join('&')} HTTP/1.1`,
    ...headers,
    `Accept: ${random.pick(ACCEPTS)}`,
  ];
  if (method === 'GET' || method === 'HEAD') return `${lines.join('\r\n')}\r\n\r\n`;
  const seed = random.pick(BODIES);
  const body = random.oneIn(2) ? mutateText(seed, random) : seed;
  const length = random.oneIn(10) ? random.below(2 * body.length + 10) : Buffer.byteLength(body, 'latin1');
  lines.push(`Content-Type: ${random.pick(TYPES)}`, `Content-Length: ${length}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
