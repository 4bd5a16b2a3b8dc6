/** Facility 10 (security and authorization), severity 5 (notice). Source: RFC 5424 section 6.2.1, PS3.15 A.6. */
const PRIORITY = 10 * 8 + 5;
/** Source: PS3.15 A.6. */
const MESSAGE_ID = 'DICOM+RFC3881';
const BYTE_ORDER_MARK = '\ufeff';

export interface SyslogOrigin {
  readonly hostName: string;
  readonly processId: number;
}

/** A message with its header and octet count, as it goes over TLS. Source: RFC 5424 section 6, RFC 5425 section 4.3. */
export function syslogFrame(xml: string, at: Date, { hostName, processId }: SyslogOrigin): Buffer {
  const host = hostName.replace(/[^\x21-\x7e]/g, '').slice(0, 255) || '-';
  const message = `<${PRIORITY}>1 ${at.toISOString()} ${host} PCE ${processId} ${MESSAGE_ID} - ${BYTE_ORDER_MARK}${xml}`;
  const bytes = Buffer.from(message, 'utf8');
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}
