/** How long a peer may keep us waiting, in milliseconds. */
export interface PeerPatience {
  /** ARTIM: from the connection to the association request, and from our last word to the end of the connection. */
  artimMs: number;
  /** In the middle of a message, or with our bytes unread: a window that must bring some progress. */
  stallMs: number;
  /** Between messages, with nothing under way on either side. */
  idleMs: number;
}

/** [design] ARTIM as dcmtk and dcm4chee set it; a stalled modality is given up after half a minute. */
export const DEFAULT_PATIENCE: PeerPatience = { artimMs: 30_000, stallMs: 30_000, idleMs: 300_000 };

/**
 * Bytes a peer must bring in a stall window. Without it, one byte now and then would hold an association for ever.
 * [design] 64 KiB in 30 s is 17 kbit/s, slower than any line in use.
 */
export const MIN_PROGRESS_BYTES = 64 * 1024;

/** What the connection looks like at one moment. */
export interface PeerObservation {
  nowMs: number;
  bytesRead: number;
  /** Bytes the transport has taken off our hands. */
  bytesWritten: number;
  /** Our bytes wait to be sent. */
  isWriteBlocked: boolean;
  /** A message or PDU has begun and not ended. */
  isMidMessage: boolean;
  /** An operation is under way: an answer is awaited or being prepared. */
  isBusy: boolean;
  /** We ourselves have stopped reading: not the peer's fault. */
  isPaused: boolean;
}

export type PeerVerdict = 'fine' | 'stalled' | 'not-reading' | 'idle';

/** Judges a peer from what it did since the last look. Holds no timer: the caller says when to look. */
export class PeerWatchdog {
  readonly #patience: PeerPatience;
  #readWindow: { sinceMs: number; bytes: number } | null = null;
  #writeWindow: { sinceMs: number; bytes: number } | null = null;
  #idle: { sinceMs: number; bytes: number } | null = null;

  constructor(patience: PeerPatience) {
    this.#patience = patience;
  }

  observe(seen: PeerObservation): PeerVerdict {
    const isIdle = !seen.isMidMessage && !seen.isBusy && !seen.isWriteBlocked && !seen.isPaused;
    this.#readWindow = renew(this.#readWindow, seen.isMidMessage && !seen.isPaused, seen.nowMs, seen.bytesRead);
    this.#writeWindow = renew(this.#writeWindow, seen.isWriteBlocked, seen.nowMs, seen.bytesWritten);
    this.#idle = renew(this.#idle, isIdle, seen.nowMs, seen.bytesRead);
    if (this.#isOver(this.#readWindow, seen.nowMs)) {
      if (seen.bytesRead - this.#readWindow.bytes < MIN_PROGRESS_BYTES) return 'stalled';
      this.#readWindow = { sinceMs: seen.nowMs, bytes: seen.bytesRead };
    }
    if (this.#isOver(this.#writeWindow, seen.nowMs)) {
      if (seen.bytesWritten === this.#writeWindow.bytes) return 'not-reading';
      this.#writeWindow = { sinceMs: seen.nowMs, bytes: seen.bytesWritten };
    }
    if (this.#idle && seen.bytesRead !== this.#idle.bytes) {
      this.#idle = { sinceMs: seen.nowMs, bytes: seen.bytesRead };
    }
    return this.#idle && seen.nowMs - this.#idle.sinceMs >= this.#patience.idleMs ? 'idle' : 'fine';
  }

  /** A verdict in words, for the log. */
  explain(verdict: Exclude<PeerVerdict, 'fine'>): string {
    const { stallMs, idleMs } = this.#patience;
    switch (verdict) {
      case 'stalled':
        return `the peer sent less than ${MIN_PROGRESS_BYTES} bytes of a message in ${stallMs} ms`;
      case 'not-reading':
        return `the peer took none of our bytes in ${stallMs} ms`;
      case 'idle':
        return `nothing happened in ${idleMs} ms`;
    }
  }

  #isOver(
    window: { sinceMs: number; bytes: number } | null,
    nowMs: number,
  ): window is { sinceMs: number; bytes: number } {
    return window !== null && nowMs - window.sinceMs >= this.#patience.stallMs;
  }
}

function renew<W extends { sinceMs: number; bytes: number }>(
  window: W | null,
  applies: boolean,
  sinceMs: number,
  bytes: number,
): W | { sinceMs: number; bytes: number } | null {
  if (!applies) return null;
  return window ?? { sinceMs, bytes };
}
