/** The service's routes, by what they do. */
import { request } from './http';
import type { Case, CaseDetail, Lead, Page, Session, Summary, Unit, Verdict } from './types';

/** The query part of an address; empty values are left out. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') parts.set(name, String(value));
  }
  const text = parts.toString();
  return text === '' ? '' : `?${text}`;
}

export const readSession = () => request<Session>('GET', '/session');

export const signIn = (username: string, password: string) =>
  request<Session>('POST', '/session', { body: { username, password } });

export const signOut = () => request<void>('DELETE', '/session');

export const changePassword = (current: string, next: string) =>
  request<Session | undefined>('PUT', '/session/password', { body: { current, new: next } });

export const readSummary = () => request<Summary>('GET', '/summary');

export const readUnits = () => request<Unit[]>('GET', '/units');

export const readLeads = (cursor: string | null, limit: number) =>
  request<Page<Lead>>('GET', `/leads${query({ status: 'review', limit, cursor })}`);

export const readLead = (id: number) => request<Lead>('GET', `/leads/${id}`);

export const decide = (
  leadId: number,
  verdict: Verdict,
  label: string | null,
  reason: string | null,
) =>
  request<Lead>('POST', `/leads/${leadId}/decision`, {
    body: {
      verdict,
      ...(label === null ? {} : { label }),
      ...(reason === null ? {} : { reason }),
    },
    keepalive: true,
  });

export const undoDecision = (leadId: number) =>
  request<Lead | undefined>('DELETE', `/leads/${leadId}/decision`, { keepalive: true });

export const readCases = (status: string | null, cursor: string | null, limit = 50) =>
  request<Page<Case>>('GET', `/cases${query({ status, limit, cursor })}`);

export const readCase = (id: number) => request<CaseDetail>('GET', `/cases/${id}`);

export const claimCase = (id: number, unitId: number | null) =>
  request<Case>('POST', `/cases/${id}/claim`, {
    body: unitId === null ? {} : { unit_id: unitId },
  });
