/** One desk for the whole visit: leaving the page and coming back loses no step. */
import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { decide, readLeads, readSummary, undoDecision } from '../api/calls';
import { useSpeech } from '../i18n';
import { useTell } from '../ui/notices';
import { explain } from '../ui/words';
import type { Desk } from './desk';
import { DeskStore, type Notice } from './store';

const PAGE = 40;

interface DeskAccess {
  desk: Desk;
  store: DeskStore;
}

const DeskContext = createContext<DeskAccess | null>(null);

export function DeskProvider({ children }: { children: ReactNode }) {
  const { t } = useSpeech();
  const tell = useTell();
  const client = useQueryClient();
  const say = (notice: Notice) => {
    switch (notice.kind) {
      case 'decisionFailed':
        return tell('bad', t.review.failed(notice.lead.id, explain(notice.problem, t)));
      case 'decidedElsewhere':
        return tell('bad', t.review.elsewhere(notice.lead.id));
      case 'undoFailed':
        return tell('bad', t.review.undoFailed(notice.lead.id, explain(notice.problem, t)));
      case 'loadFailed':
        return tell('bad', t.review.loadFailed(explain(notice.problem, t)));
    }
  };
  const latestSay = useRef(say);
  latestSay.current = say;
  const [store] = useState(
    () =>
      new DeskStore(
        {
          leads: (cursor) => readLeads(cursor, PAGE),
          decidedToday: async () => (await readSummary()).decided_today,
          decide,
          undo: undoDecision,
        },
        (notice) => latestSay.current(notice),
        () => {
          void client.invalidateQueries({ queryKey: ['summary'] });
          void client.invalidateQueries({ queryKey: ['cases'] });
        },
      ),
  );
  const desk = useSyncExternalStore(store.subscribe, store.get);
  useEffect(() => {
    // A rejection that still waits for its reason must not be lost with the page.
    const leave = () => store.flush();
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, [store]);
  const value = useMemo(() => ({ desk, store }), [desk, store]);
  return <DeskContext.Provider value={value}>{children}</DeskContext.Provider>;
}

export function useDesk(): DeskAccess {
  const value = useContext(DeskContext);
  if (value === null) throw new Error('useDesk needs DeskProvider above it');
  return value;
}
