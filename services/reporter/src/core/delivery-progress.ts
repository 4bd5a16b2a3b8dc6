/** A step of an attempt to deliver, for whoever keeps an account of what left the house. */
export interface DeliveryProgress {
  readonly phase: 'begun' | 'sent' | 'not-sent';
  readonly destination: string;
  readonly studyInstanceUid: string;
}
