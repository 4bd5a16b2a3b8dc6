import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Destination, NO_MESSAGE, type Parcel } from '../../core/destination.js';
import { callHttp, type HttpSettings, noAnswer, statusKind } from '../http-call.js';

export interface WebhookSettings extends HttpSettings {
  secretFile: string;
  timeoutMs: number;
  /** Seconds since 1970. */
  nowSeconds: () => number;
}

/** The signature of a body: HMAC-SHA256 over "timestamp.body", hexadecimal. */
export function webhookSignature(secret: string, timestamp: number, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

/**
 * A signed JSON message. `PCE-Signature: t=<seconds>,sha256=<hex>` lets the receiver check who wrote it and when;
 * `Idempotency-Key` is the same whenever the same delivery comes again.
 */
export function webhookDestination(settings: WebhookSettings): Destination {
  return {
    async send({ message: body, deliveryId }: Parcel, signal) {
      if (body === null) return NO_MESSAGE;
      const secret = (await readFile(settings.secretFile, 'utf8')).trim();
      const timestamp = settings.nowSeconds();
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': deliveryId,
        'pce-signature': `t=${timestamp},sha256=${webhookSignature(secret, timestamp, body)}`,
      };
      try {
        const limits = { timeoutMs: settings.timeoutMs, signal };
        const { status } = await callHttp(settings, { path: '', headers, body: Buffer.from(body) }, limits);
        return { kind: statusKind(status), objects: [], detail: `HTTP ${status}` };
      } catch (error) {
        return noAnswer(error);
      }
    },
  };
}
