/** Who is signed in, for the whole page. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { readSession } from '../api/calls';
import { keepCsrfToken, Problem, whenSignedOut } from '../api/http';
import type { Session, User } from '../api/types';
import { allows, type Right } from './rights';

interface SessionState {
  user: User | null;
  /** The first answer about the session is still awaited. */
  asking: boolean;
  error: unknown;
  adopt: (session: Session | null) => void;
  again: () => void;
}

const SessionContext = createContext<SessionState | null>(null);
const KEY = ['session'];

async function current(): Promise<Session | null> {
  try {
    const session = await readSession();
    keepCsrfToken(session.csrf_token);
    return session;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: KEY,
    queryFn: current,
    staleTime: Infinity,
    retry: 1,
  });
  const state = useMemo<SessionState>(
    () => ({
      user: data?.user ?? null,
      asking: isPending,
      error,
      adopt: (session) => {
        keepCsrfToken(session?.csrf_token ?? null);
        if (session === null)
          client.removeQueries({ predicate: (one) => one.queryKey[0] !== 'session' });
        client.setQueryData(KEY, session);
      },
      again: () => void refetch(),
    }),
    [data, error, isPending, client, refetch],
  );
  useEffect(() => {
    whenSignedOut(() => state.adopt(null));
  }, [state]);
  return <SessionContext.Provider value={state}>{children}</SessionContext.Provider>;
}

export function useSession(): SessionState {
  const state = useContext(SessionContext);
  if (state === null) throw new Error('useSession needs SessionProvider above it');
  return state;
}

/** The signed-in user; only for pages behind the login. */
export function useUser(): User {
  const { user } = useSession();
  if (user === null) throw new Error('this page is shown to signed-in users only');
  return user;
}

export function useRight(right: Right): boolean {
  return allows(useUser().role, right);
}
