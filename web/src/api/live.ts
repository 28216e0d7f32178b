/** One stream of live events for the whole page, opened while anyone listens and reopened when it breaks. */

export type LiveKind = 'look' | 'state' | 'incident' | 'notice' | 'camera';

export const LIVE_KINDS: readonly LiveKind[] = ['look', 'state', 'incident', 'notice', 'camera'];

export interface LiveEvent {
  id: number;
  kind: LiveKind;
  camera_id: number;
  at: string;
  payload: Readonly<Record<string, unknown>>;
}

/** The part of EventSource that is used. */
export interface Stream {
  readyState: number;
  addEventListener(kind: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export type Link = 'closed' | 'opening' | 'open' | 'lost';

const CLOSED = 2;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
/** A change of page must not break the stream and open another. */
const LINGER = 5_000;

/** The event in one message, or null when it is none that this page knows. */
export function readEvent(kind: LiveKind, id: string, data: string): LiveEvent | null {
  const value: unknown = JSON.parse(data);
  if (typeof value !== 'object' || value === null) return null;
  const { camera_id: camera, at, ...payload } = value as Record<string, unknown>;
  if (typeof camera !== 'number' || typeof at !== 'string') return null;
  return { id: Number(id), kind, camera_id: camera, at, payload };
}

interface Listener {
  event: (event: LiveEvent) => void;
  /** The stream was away: what happened meanwhile must be asked for. */
  missed: () => void;
}

export class LiveConnection {
  private stream: Stream | null = null;
  private readonly listeners = new Set<Listener>();
  private readonly watchers = new Set<() => void>();
  private state: Link = 'closed';
  private wait = FIRST_WAIT;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private wasOpen = false;

  constructor(private readonly open: () => Stream) {}

  readonly link = (): Link => this.state;

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  readonly listen = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    this.stopTimer();
    if (this.stream === null) this.connect();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.later(LINGER, () => this.close());
    };
  };

  private tellMissed(): void {
    for (const { missed } of this.listeners) missed();
  }

  private turn(state: Link): void {
    if (state === this.state) return;
    this.state = state;
    for (const watcher of this.watchers) watcher();
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private later(ms: number, task: () => void): void {
    this.stopTimer();
    this.timer = setTimeout(task, ms);
  }

  private connect(): void {
    this.turn(this.wasOpen ? 'lost' : 'opening');
    const stream = this.open();
    this.stream = stream;
    for (const kind of LIVE_KINDS) {
      stream.addEventListener(kind, (message) => {
        const event = readEvent(kind, message.lastEventId, message.data);
        if (event === null) return;
        for (const { event: hear } of this.listeners) hear(event);
      });
    }
    // The service no longer holds what happened since the stream was last heard.
    stream.addEventListener('reset', () => this.tellMissed());
    stream.addEventListener('open', () => {
      this.wait = FIRST_WAIT;
      const again = this.wasOpen;
      this.wasOpen = true;
      this.turn('open');
      if (again) this.tellMissed();
    });
    stream.addEventListener('error', () => {
      this.turn(this.wasOpen ? 'lost' : 'opening');
      // A stream the browser gave up (an error of the service) is opened anew, less and less often.
      if (stream.readyState !== CLOSED || this.stream !== stream) return;
      this.stream = null;
      this.later(this.wait, () => this.connect());
      this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
    });
  }

  private close(): void {
    this.stream?.close();
    this.stream = null;
    this.wasOpen = false;
    this.wait = FIRST_WAIT;
    this.turn('closed');
  }
}
