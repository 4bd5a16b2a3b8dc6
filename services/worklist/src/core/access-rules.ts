import type { Session, UserRole } from '@pce/shared/ports/access-ledger';

/** What one may do, by role. A reader judges findings, an administrator runs the service, an integrator watches it. */
const PERMISSIONS = {
  'view-studies': ['reader', 'administrator'],
  'review-findings': ['reader'],
  'see-monitoring': ['administrator', 'integrator'],
  'retry-work': ['administrator'],
  'see-audit': ['administrator'],
} as const satisfies Record<string, readonly UserRole[]>;
export type Permission = keyof typeof PERMISSIONS;

/** Everything these roles allow. */
export function permissionsOf(roles: readonly UserRole[]): Permission[] {
  return (Object.keys(PERMISSIONS) as Permission[]).filter((permission) =>
    (PERMISSIONS[permission] as readonly UserRole[]).some((role) => roles.includes(role)),
  );
}

export interface SessionLimits {
  idleMs: number;
  longestMs: number;
}

/** Whether a session has been left alone, or has lasted, for too long. */
export function isExpired(session: Session, limits: SessionLimits, now: Date): boolean {
  return (
    now.getTime() - session.lastSeenAt.getTime() > limits.idleMs ||
    now.getTime() - session.createdAt.getTime() > limits.longestMs
  );
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|\[?::1\]?|localhost)$/i;

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
