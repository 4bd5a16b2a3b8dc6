import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { CT_IMAGE, ctSlice, writeFiles } from '@pce/test-support/ct-slice';
import { freePort, runBeside } from '@pce/test-support/foreign-process';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { PNG } from 'pngjs';
import { afterEach, describe, expect, it } from 'vitest';
import { datasetBytes, holdsDataset, startTestIngest, type TestIngest } from './test-ingest.js';

let ingest: TestIngest;
afterEach(() => ingest?.end());

const url = (path: string) => `http://127.0.0.1:${ingest.webPort}/dicomweb${path}`;
const json = async (response: Response) => (await response.json()) as Record<string, { Value?: unknown[] }>[];

/** A multipart body by hand. */
function multipart(parts: readonly Uint8Array[], boundary = 'xyzzy'): Buffer {
  return Buffer.concat([
    ...parts.flatMap((part) => [
      Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
      part,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}

async function stow(parts: readonly Uint8Array[], path = '/studies', headers: Record<string, string> = {}) {
  const response = await fetch(url(path), {
    method: 'POST',
    headers: { 'content-type': 'multipart/related; type="application/dicom"; boundary=xyzzy', ...headers },
    body: new Uint8Array(multipart(parts)),
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, { Value?: Record<string, { Value?: unknown[] }>[] }>,
  };
}

describe('STOW-RS', () => {
  it('curl stores several parts; the data sets are kept byte for byte', async (test) => {
    requireTool('curl', test.skip);
    ingest = await startTestIngest();
    const files = [ctSlice('30', 1), ctSlice('30', 2), ctSlice('30', 3)];
    const paths = await writeFiles(ingest.folder, files);
    const body = join(ingest.folder, 'body');
    await writeFile(body, multipart(files));
    const run = await runBeside('curl', [
      '-s',
      '-w',
      '\n%{http_code}',
      '-H',
      'Content-Type: multipart/related; type="application/dicom"; boundary=xyzzy',
      '--data-binary',
      `@${body}`,
      url('/studies'),
    ]);
    const [text = '', status] = run.output.trimEnd().split(/\n(?=\d+$)/);
    expect(status).toBe('200');
    const answer = JSON.parse(text);
    expect(answer['00081190'].Value).toEqual([url('/studies/1.2.3.30')]);
    expect(
      answer['00081199'].Value.map((item: Record<string, { Value: string[] }>) => item['00081155']?.Value[0]),
    ).toEqual(['1.2.3.30.1.1', '1.2.3.30.1.2', '1.2.3.30.1.3']);
    for (const [index, path] of paths.entries()) {
      expect(await holdsDataset(ingest, `1.2.3.30.1.${index + 1}`, path)).toBe(true);
    }
  });

  it('a part larger than any buffer, cut anywhere, arrives whole', async () => {
    ingest = await startTestIngest();
    const image = ctSlice('31', 1, { Rows: 2000, Columns: 2000 });
    const large = Buffer.concat([
      image.subarray(0, -64 * 64 * 2 - 12),
      Buffer.from([0xe0, 0x7f, 0x10, 0, 0x4f, 0x57, 0, 0, 0, 0x12, 0x7a, 0]),
      randomBytes(8_000_000),
    ]);
    large.writeUInt32LE(8_000_000, large.length - 8_000_000 - 4);
    const [path = ''] = await writeFiles(ingest.folder, [large]);
    expect((await stow([large, ctSlice('31', 2)])).status).toBe(200);
    expect(await holdsDataset(ingest, '1.2.3.31.1.1', path)).toBe(true);
  });

  it('some good, some bad: 202 with both lists; only bad: 409; the same again: 200; other bytes: a warning', async () => {
    ingest = await startTestIngest();
    const mixed = await stow([
      ctSlice('32', 1),
      Buffer.from('no DICOM at all, but long enough to hold a preamble'.repeat(9)),
    ]);
    expect(mixed.status).toBe(202);
    expect(mixed.body['00081198']?.Value?.[0]?.['00081197']?.Value).toEqual([0xc000]);
    expect(mixed.body['00081199']?.Value).toHaveLength(1);
    expect((await stow([Buffer.alloc(1000)])).status).toBe(409);
    expect((await stow([ctSlice('32', 1)])).status).toBe(200);
    const conflict = await stow([ctSlice('32', 1, {}, 99)]);
    expect(conflict.status).toBe(202);
    expect(conflict.body['00081199']?.Value?.[0]?.['00081196']?.Value).toEqual([0xb000]);
    expect(await ingest.ledger.findInstances('1.2.3.32.1.1')).toHaveLength(2);
    expect((await stow([ctSlice('33', 1)], '/studies/1.2.3.99')).status).toBe(409);
  });

  it('refuses what it cannot take, saying why', async () => {
    ingest = await startTestIngest((config) => {
      config.web.maxParts = 2;
      config.web.maxInstanceBytes = 100_000;
    });
    const post = async (contentType: string, body: string | Uint8Array) => {
      const response = await fetch(url('/studies'), {
        method: 'POST',
        headers: { 'content-type': contentType },
        body: typeof body === 'string' ? body : new Uint8Array(body),
      });
      return [response.status, ((await response.json()) as { message: string }).message];
    };
    expect(await post('multipart/related; type="application/dicom+json"; boundary=a', '--a--')).toEqual([
      415,
      'type: expected application/dicom; received application/dicom+json: send Part 10 files, metadata with separate bulk data is not taken',
    ]);
    expect((await post('text/plain', 'x'))[0]).toBe(415);
    expect(await post('multipart/related; type="application/dicom"', 'x')).toEqual([
      400,
      'boundary: expected 1 to 200 characters',
    ]);
    const three = multipart([ctSlice('34', 1), ctSlice('34', 2), ctSlice('34', 3)]);
    expect((await post('multipart/related; type="application/dicom"; boundary=xyzzy', three))[0]).toBe(413);
    const tooLarge = await stow([Buffer.concat([ctSlice('35', 1), Buffer.alloc(200_000)])]);
    expect([tooLarge.status, tooLarge.body['00081198']?.Value?.[0]?.['00081155']?.Value]).toEqual([
      409,
      ['1.2.3.35.1.1'],
    ]);
    const cut = await post(
      'multipart/related; type="application/dicom"; boundary=xyzzy',
      multipart([ctSlice('36', 1)]).subarray(0, 3000),
    );
    expect(cut[0]).toBe(400);
    expect(await ingest.ledger.findInstances('1.2.3.36.1.1')).toEqual([]);
  });
});

describe('QIDO-RS and WADO-RS', () => {
  it('find studies, series and instances by what the standard matches', async () => {
    ingest = await startTestIngest();
    await stow([
      ctSlice('40', 1, { PatientName: 'Müller^Änne', SpecificCharacterSet: 'ISO_IR 192', StudyDate: '20260110' }),
      ctSlice('40', 2, { PatientName: 'Müller^Änne', SpecificCharacterSet: 'ISO_IR 192', StudyDate: '20260110' }),
      ctSlice('41', 1, { PatientName: 'Smith^John', StudyDate: '20260220' }),
    ]);
    const studies = async (query: string) => {
      const response = await fetch(url(`/studies?${query}`));
      return response.status === 204 ? [] : (await json(response)).map((study) => study['0020000D']?.Value?.[0]);
    };
    expect((await studies('')).sort()).toEqual(['1.2.3.40', '1.2.3.41']);
    expect(await studies('PatientName=m%C3%BCller*')).toEqual(['1.2.3.40']);
    expect(await studies('00100020=ID41')).toEqual(['1.2.3.41']);
    expect(await studies('StudyDate=20260201-')).toEqual(['1.2.3.41']);
    expect(await studies('StudyDate=-20260201')).toEqual(['1.2.3.40']);
    expect(await studies('ModalitiesInStudy=MR')).toEqual([]);
    expect(await studies('StudyInstanceUID=1.2.3.40,1.2.3.41&limit=1&offset=1')).toHaveLength(1);
    expect((await fetch(url('/studies?Nonsense=1'))).status).toBe(400);
    const [series] = await json(await fetch(url('/studies/1.2.3.40/series')));
    expect([series?.['0020000E']?.Value, series?.['00201209']?.Value]).toEqual([['1.2.3.40.1'], [2]]);
    const instances = await json(await fetch(url('/studies/1.2.3.40/series/1.2.3.40.1/instances?InstanceNumber=2')));
    expect(instances.map((instance) => instance['00080018']?.Value)).toEqual([['1.2.3.40.1.2']]);
    expect(instances[0]?.['00080016']?.Value).toEqual([CT_IMAGE]);
  });

  it('give back the instance, its metadata, its frames and its picture', async () => {
    ingest = await startTestIngest();
    const file = ctSlice('42', 1);
    await stow([file]);
    const instance = '/studies/1.2.3.42/series/1.2.3.42.1/instances/1.2.3.42.1.1';
    const whole = Buffer.from(await (await fetch(url(instance))).arrayBuffer());
    expect(whole.includes(datasetBytes(file))).toBe(true);
    const [metadata] = await json(await fetch(url(`${instance}/metadata`)));
    expect(metadata?.['00100010']).toEqual({ vr: 'PN', Value: [{ Alphabetic: 'Test^Patient' }] });
    expect(metadata?.['00280010']).toEqual({ vr: 'US', Value: [64] });
    const frames = Buffer.from(await (await fetch(url(`${instance}/frames/1`))).arrayBuffer());
    expect(frames.includes(Buffer.from(file.subarray(-64 * 64 * 2)))).toBe(true);
    const picture = PNG.sync.read(Buffer.from(await (await fetch(url(`${instance}/rendered`))).arrayBuffer()));
    expect([picture.width, picture.height]).toEqual([64, 64]);
    expect((await fetch(url(`${instance}/frames/2`))).status).toBe(404);
    expect((await fetch(url(`${instance}/rendered`), { headers: { accept: 'image/gif' } })).status).toBe(406);
    expect((await fetch(url('/studies/1.2.3.43'))).status).toBe(404);
    const thrice = Buffer.from(await (await fetch(url(`${instance}/frames/1,1,1`))).arrayBuffer());
    expect(thrice.toString('latin1').split('application/octet-stream')).toHaveLength(4);
  });

  it('say of an image that cannot be decoded what is wrong with it', async () => {
    ingest = await startTestIngest();
    await stow([ctSlice('44', 1, { Rows: 4000 })]);
    const instance = '/studies/1.2.3.44/series/1.2.3.44.1/instances/1.2.3.44.1.1';
    for (const what of ['frames/1', 'rendered']) {
      const answer = await fetch(url(`${instance}/${what}`));
      expect(answer.status).toBe(406);
      expect(await answer.json()).toEqual({ message: expect.stringMatching(/decoded: PixelData/) });
    }
    expect((await fetch(url(`${instance}/metadata`))).status).toBe(200);
  });
});

describe('who may ask', () => {
  it('API keys and tokens with roles; nothing without', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }] });
    const jwks = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(keys));
    await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve));
    const address = jwks.address() as { port: number };
    ingest = await startTestIngest((config) => {
      config.web.apiKeys = [
        { name: 'modality', sha256: createHash('sha256').update('secret').digest('hex'), roles: ['store'] },
      ];
      config.web.tokens = {
        jwksUrl: `http://127.0.0.1:${address.port}`,
        issuer: 'pacs',
        audience: 'pce',
        rolesClaim: 'roles',
      };
    });
    const token = (issuer: string) =>
      new SignJWT({ roles: ['read'] })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuer(issuer)
        .setAudience('pce')
        .setExpirationTime('1m')
        .sign(privateKey);
    const status = async (bearer: string | null) =>
      (await fetch(url('/studies'), bearer === null ? {} : { headers: { authorization: `Bearer ${bearer}` } })).status;
    expect(
      await Promise.all([
        status(null),
        status('wrong'),
        status('secret'),
        status(await token('stranger')),
        status(await token('pacs')),
      ]),
    ).toEqual([401, 401, 403, 401, 204]);
    const stored = await stow([ctSlice('50', 1)], '/studies', { authorization: 'Bearer secret' });
    expect(stored.status).toBe(200);
    expect((await ingest.ledger.findInstances('1.2.3.50.1.1'))[0]?.source).toEqual({
      door: 'stow',
      sender: 'modality',
    });
    expect(
      (await stow([ctSlice('50', 2)], '/studies', { authorization: `Bearer ${await token('pacs')}` })).status,
    ).toBe(403);
    await new Promise((resolve) => jwks.close(resolve));
  });

  it('tokens while their keys cannot be fetched: 503, and API keys go on', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const port = await freePort();
    ingest = await startTestIngest((config) => {
      const sha256 = createHash('sha256').update('secret').digest('hex');
      config.web.apiKeys = [{ name: 'viewer', sha256, roles: ['read'] }];
      const jwksUrl = `http://127.0.0.1:${port}`;
      config.web.tokens = { jwksUrl, issuer: 'pacs', audience: 'pce', rolesClaim: 'roles' };
    });
    const token = await new SignJWT({ roles: ['read'] })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .sign(privateKey);
    const status = async (bearer: string) =>
      (await fetch(url('/studies'), { headers: { authorization: `Bearer ${bearer}` } })).status;
    expect([await status(token), await status('secret')]).toEqual([503, 204]);
  });

  it('curl over HTTPS', async (test) => {
    requireTool('curl', test.skip);
    requireTool('openssl', test.skip);
    ingest = await startTestIngest((config, folder) => {
      const [certificateFile, keyFile] = [join(folder, 'web.pem'), join(folder, 'web.key')];
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
      const files = ['-keyout', keyFile, '-out', certificateFile];
      const made = runTool('openssl', [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        ...subject,
        ...files,
      ]);
      expect(made.status).toBe(0);
      config.web.tls = { certificateFile, keyFile, requireClientCertificate: false };
    });
    const get = (...more: string[]) =>
      runBeside('curl', [
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        ...more,
        `https://127.0.0.1:${ingest.webPort}/dicomweb/studies`,
      ]);
    expect((await get('--cacert', join(ingest.folder, 'web.pem'))).output).toBe('204');
    expect((await get()).output).toBe('000');
  });

  it('too many requests are refused', async () => {
    ingest = await startTestIngest((config) => {
      config.web.requestsPerMinute = 3;
    });
    const statuses = [];
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await fetch(url('/studies'))).status);
    expect(statuses).toEqual([204, 204, 204, 429]);
  });

  it('the API page describes every route', async () => {
    ingest = await startTestIngest();
    const page = await (await fetch(`http://127.0.0.1:${ingest.webPort}/api/json`)).json();
    expect(Object.keys((page as { paths: object }).paths)).toContain(
      '/dicomweb/studies/{study}/series/{series}/instances/{instance}/rendered',
    );
  });
});
