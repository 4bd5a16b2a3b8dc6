import { describe, expect, it } from 'vitest';
import { parseConfig } from './config.js';

describe('parseConfig', () => {
  it('has a default for everything', () => {
    const outcome = parseConfig({}, '');
    expect(outcome).toMatchObject({
      kind: 'valid',
      config: {
        dicom: { port: 11112, maxAssociations: 25, senders: [] },
        readiness: { quietSeconds: { CT: 60, DX: 0 } },
      },
    });
  });

  it('lets the environment override the file, and names the variable when it is wrong', () => {
    const text = 'dicom: { port: 104 }';
    expect(parseConfig({ PCE_DICOM_PORT: '4242' }, text)).toMatchObject({ config: { dicom: { port: 4242 } } });
    expect(parseConfig({ PCE_DICOM_PORT: 'many' }, text)).toEqual({
      kind: 'invalid',
      problems: ['PCE_DICOM_PORT: dicom.port: must be integer'],
    });
  });

  it('gives every problem at once, each with its line', () => {
    const text = [
      'dicom:',
      '  port: 99999',
      '  sender: []',
      '  senders:',
      '    - callingAeTitles: [A]',
      'web:',
      '  maxParts: none',
    ].join('\n');
    expect(parseConfig({}, text)).toEqual({
      kind: 'invalid',
      problems: [
        'line 3: dicom.sender: is not a setting that exists here',
        'line 2: dicom.port: must be <= 65535',
        'line 5: dicom.senders.0.calledAeTitle: is missing',
        'line 7: web.maxParts: must be integer',
      ],
    });
  });

  it('finds what does not go together', () => {
    const text = `
dicom: { senders: [{ calledAeTitle: A, callingAeTitles: [], certificateFingerprints: [AA] }, { calledAeTitle: A, callingAeTitles: [] }] }
web: { host: 0.0.0.0 }`;
    expect(parseConfig({}, text)).toMatchObject({
      problems: [
        'dicom.senders: calledAeTitle A is listed twice',
        'dicom.senders: A lists certificateFingerprints, which needs dicom.tls.requireClientCertificate',
        'web.host: 0.0.0.0 is reachable from elsewhere, which needs web.apiKeys, web.tokens or web.anonymous: nothing',
      ],
    });
  });
});
