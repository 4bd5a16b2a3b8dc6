import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import { describe, expect, it } from 'vitest';
import { auditMessage } from './audit-message.js';
import { AUDIT_KINDS, type AuditRecord } from './audit-record.js';

const SOURCE = { name: 'PCE', siteId: 'Site & Sons', processId: 42 };
const record = (change: Partial<AuditRecord>): AuditRecord => ({
  kind: 'instances-accessed',
  at: new Date('2026-11-23T05:00:00.123Z'),
  userName: 'rita',
  address: '10.1.0.5',
  studyInstanceUid: '1.2.3',
  detail: 'view-study',
  ...change,
});
const HOSTILE = "a\"><x y='1'>&amp;\u0000\u000b\ud800 <![CDATA[";

describe('audit messages', () => {
  it('have the form of the DICOM audit message schema, whatever the names in them', (ctx) => {
    const jing = requireTool('jing', ctx.skip);
    const folder = mkdtempSync(join(tmpdir(), 'pce-audit-'));
    try {
      const records = AUDIT_KINDS.flatMap((kind) => [
        record({ kind }),
        record({ kind, userName: HOSTILE, detail: HOSTILE, address: '' }),
        record({ kind, userName: '', detail: '', studyInstanceUid: null }),
      ]);
      const files = records.map((entry, index) => {
        const path = join(folder, `${index}.xml`);
        writeFileSync(path, auditMessage(entry, index % 2 === 0 ? SOURCE : { ...SOURCE, siteId: undefined }));
        return path;
      });
      const schema = join(import.meta.dirname, 'audit-message.rnc');
      expect(runTool(jing, ['-c', schema, ...files])).toMatchObject({ status: 0 });
      const broken = join(folder, 'broken.xml');
      writeFileSync(broken, auditMessage(record({}), SOURCE).replace('EventOutcomeIndicator="0"', ''));
      expect(runTool(jing, ['-c', schema, broken]).status).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('say who did what to which study', () => {
    const xml = auditMessage(record({}), SOURCE);
    expect(xml).toContain('<EventID csd-code="110103" codeSystemName="DCM" originalText="DICOM Instances Accessed"/>');
    expect(xml).toContain('UserID="rita" UserIsRequestor="true" NetworkAccessPointID="10.1.0.5"');
    expect(xml).toContain('ParticipantObjectID="1.2.3"');
    expect(xml).toContain('AuditEnterpriseSiteID="Site &amp; Sons" AuditSourceID="PCE"');
  });

  it('tell a refused sign-in from one that succeeded', () => {
    expect(auditMessage(record({ kind: 'sign-in' }), SOURCE)).toContain('EventOutcomeIndicator="0"');
    expect(auditMessage(record({ kind: 'sign-in-refused' }), SOURCE)).toContain('EventOutcomeIndicator="4"');
  });
});
