/** Gathers live events and hands them on a few times a second, however many cameras look. */
import type { LiveConnection, LiveEvent } from '../api/live';
import { foldFeed } from './fold';

/** Events are gathered this long, so that hundreds of cameras redraw the page seldom. */
export const GATHER_MS = 400;

export class LiveHub {
  private feed: readonly LiveEvent[] = [];
  private waiting: LiveEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly listeners = new Set<() => void>();
  private stop: (() => void) | null = null;

  constructor(
    private readonly connection: Pick<LiveConnection, 'listen'>,
    private readonly apply: (events: readonly LiveEvent[]) => void,
    private readonly missed: () => void,
  ) {}

  readonly lines = (): readonly LiveEvent[] => this.feed;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    this.stop ??= this.connection.listen({
      event: (event) => this.gather(event),
      missed: () => this.missed(),
    });
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.stop?.();
      this.stop = null;
    };
  };

  private gather(event: LiveEvent): void {
    this.waiting.push(event);
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  private flush(): void {
    this.timer = null;
    const events = this.waiting;
    this.waiting = [];
    this.apply(events);
    this.feed = foldFeed(this.feed, events);
    for (const listener of this.listeners) listener();
  }
}
