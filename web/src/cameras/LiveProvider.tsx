/** One live connection for the page: keeps what the page knows of cameras up to date. */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from 'react';
import type { Camera } from '../api/cameras';
import { type Link, LiveConnection, type LiveEvent } from '../api/live';
import { asksForCameras, foldCamera, foldCameras } from './fold';
import { LiveHub } from './hub';

interface Live {
  connection: LiveConnection;
  hub: LiveHub;
}

const LiveContext = createContext<Live | null>(null);
const ASK_AGAIN_MS = 3_000;

/** Asks for lists again, each at most every few seconds. */
function asker(client: QueryClient): (key: readonly unknown[]) => void {
  const asked = new Map<string, ReturnType<typeof setTimeout>>();
  return (key) => {
    const name = JSON.stringify(key);
    if (asked.has(name)) return;
    asked.set(
      name,
      setTimeout(() => {
        asked.delete(name);
        void client.invalidateQueries({ queryKey: [...key] });
      }, ASK_AGAIN_MS),
    );
  };
}

function applier(client: QueryClient): (events: readonly LiveEvent[]) => void {
  const ask = asker(client);
  return (events) => {
    const cameras = client.getQueryData<readonly Camera[]>(['cameras']);
    if (cameras !== undefined) {
      const folded = foldCameras(cameras, events);
      if (folded !== cameras) client.setQueryData(['cameras'], folded);
      if (asksForCameras(cameras, events)) ask(['cameras']);
    }
    for (const [key, camera] of client.getQueriesData<Camera>({ queryKey: ['camera'] })) {
      if (camera === undefined) continue;
      const folded = events.reduce(foldCamera, camera);
      if (folded !== camera) client.setQueryData(key, folded);
    }
    for (const { kind, camera_id: camera } of events) {
      if (kind === 'incident') ask(['incidents']);
      if (kind === 'notice') ask(['notices']);
      if (kind === 'camera') {
        ask(['camera', camera]);
        ask(['suppressions', camera]);
      }
    }
  };
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [live] = useState<Live>(() => {
    const connection = new LiveConnection(() => new EventSource('/api/v1/live'));
    const hub = new LiveHub(connection, applier(client), () => {
      for (const key of ['cameras', 'camera', 'incidents', 'notices']) {
        void client.invalidateQueries({ queryKey: [key] });
      }
    });
    return { connection, hub };
  });
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('live events need LiveProvider above');
  return live;
}

/** The newest live events, newest first; while a component uses this, the page is kept live. */
export function useLiveFeed(): readonly LiveEvent[] {
  const { hub } = useLive();
  return useSyncExternalStore(hub.subscribe, hub.lines);
}

export function useLink(): Link {
  const { connection } = useLive();
  return useSyncExternalStore(connection.watch, connection.link);
}
