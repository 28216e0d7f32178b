/** The live connection: one for all, reopened when it breaks, closed when nobody listens. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveConnection, type LiveEvent, readEvent, type Stream } from './live';

class FakeStream implements Stream {
  readyState = 0;
  closed = false;
  private readonly listeners = new Map<string, ((event: MessageEvent<string>) => void)[]>();

  addEventListener(kind: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(kind, [...(this.listeners.get(kind) ?? []), listener]);
  }

  close(): void {
    this.closed = true;
    this.readyState = 2;
  }

  emit(kind: string, data = '', lastEventId = ''): void {
    const event = { data, lastEventId } as MessageEvent<string>;
    for (const listener of this.listeners.get(kind) ?? []) listener(event);
  }

  opens(): void {
    this.readyState = 1;
    this.emit('open');
  }

  breaks(readyState: number): void {
    this.readyState = readyState;
    this.emit('error');
  }
}

const LOOK = JSON.stringify({ camera_id: 4, at: '2026-11-21T03:00:00Z', inspected: true });

describe('LiveConnection', () => {
  let streams: FakeStream[];
  let connection: LiveConnection;
  let heard: LiveEvent[];
  let missed: number;
  const listener = () => ({
    event: (event: LiveEvent) => void heard.push(event),
    missed: () => void (missed += 1),
  });
  const last = () => {
    const stream = streams.at(-1);
    if (stream === undefined) throw new Error('no stream was opened');
    return stream;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    streams = [];
    heard = [];
    missed = 0;
    connection = new LiveConnection(() => {
      streams.push(new FakeStream());
      return last();
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('opens one stream for all listeners', () => {
    connection.listen(listener());
    connection.listen(listener());
    expect(streams).toHaveLength(1);
    last().opens();
    expect(connection.link()).toBe('open');
    last().emit('look', LOOK, '17');
    expect(heard).toHaveLength(2);
    expect(heard[0]).toEqual({
      id: 17,
      kind: 'look',
      camera_id: 4,
      at: '2026-11-21T03:00:00Z',
      payload: { inspected: true },
    });
  });

  it('opens anew, later each time, when the service gives the stream up', () => {
    connection.listen(listener());
    last().opens();
    last().breaks(2);
    expect(connection.link()).toBe('lost');
    vi.advanceTimersByTime(999);
    expect(streams).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(streams).toHaveLength(2);
    last().breaks(2);
    vi.advanceTimersByTime(1_999);
    expect(streams).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(streams).toHaveLength(3);
    last().opens();
    expect(connection.link()).toBe('open');
    expect(missed).toBe(1);
  });

  it('leaves it to the browser while it tries by itself', () => {
    connection.listen(listener());
    last().opens();
    last().breaks(0);
    vi.advanceTimersByTime(60_000);
    expect(streams).toHaveLength(1);
    last().opens();
    expect(missed).toBe(1);
  });

  it('says so when the service no longer holds what came between', () => {
    connection.listen(listener());
    last().opens();
    last().emit('reset', '{}');
    expect(missed).toBe(1);
  });

  it('stays open from page to page and closes when nobody listens any more', () => {
    const stop = connection.listen(listener());
    stop();
    vi.advanceTimersByTime(1_000);
    const again = connection.listen(listener());
    expect(streams).toHaveLength(1);
    again();
    vi.advanceTimersByTime(5_000);
    expect(last().closed).toBe(true);
    expect(connection.link()).toBe('closed');
  });

  it('does not open anew after it was closed', () => {
    const stop = connection.listen(listener());
    last().breaks(2);
    stop();
    vi.advanceTimersByTime(60_000);
    expect(streams).toHaveLength(1);
    expect(connection.link()).toBe('closed');
  });
});

describe('readEvent', () => {
  it('drops what names no camera or time', () => {
    expect(readEvent('look', '1', '{"at": "2026-11-21T03:00:00Z"}')).toBeNull();
    expect(readEvent('look', '1', '{"camera_id": 4}')).toBeNull();
    expect(readEvent('look', '1', '[]')).toBeNull();
  });
});
