/** Live events are gathered, and applied a few times a second. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveEvent } from '../api/live';
import { GATHER_MS, LiveHub } from './hub';
import { sampleEvent } from './sample';

describe('LiveHub', () => {
  let send: (event: LiveEvent) => void;
  let listening: number;
  let applied: number[][];
  let hub: LiveHub;

  beforeEach(() => {
    vi.useFakeTimers();
    listening = 0;
    applied = [];
    hub = new LiveHub(
      {
        listen: (listener) => {
          listening += 1;
          send = listener.event;
          return () => {
            listening -= 1;
          };
        },
      },
      (events) => applied.push(events.map((event) => event.id)),
      () => undefined,
    );
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells a burst of events as one', () => {
    let told = 0;
    hub.subscribe(() => (told += 1));
    for (let id = 1; id <= 30; id += 1) send(sampleEvent(id, 'look', id));
    expect(told).toBe(0);
    vi.advanceTimersByTime(GATHER_MS);
    expect(told).toBe(1);
    expect(applied).toHaveLength(1);
    expect(hub.lines().map((line) => line.id)[0]).toBe(30);
  });

  it('listens once for all, and no longer than needed', () => {
    const stops = [hub.subscribe(() => undefined), hub.subscribe(() => undefined)];
    expect(listening).toBe(1);
    for (const stop of stops) stop();
    expect(listening).toBe(0);
  });

  it('keeps its lines from page to page', () => {
    hub.subscribe(() => undefined)();
    const stop = hub.subscribe(() => undefined);
    send(sampleEvent(1, 'incident', 1));
    vi.advanceTimersByTime(GATHER_MS);
    stop();
    hub.subscribe(() => undefined);
    expect(hub.lines()).toHaveLength(1);
  });
});
