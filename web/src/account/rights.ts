/** What each role is offered; the service checks again, this only hides what it would refuse. */
import type { Role } from '../api/types';

export type Right = 'leads' | 'decide' | 'upload' | 'claim' | 'original' | 'cameras';

const RIGHTS: Readonly<Record<Role, readonly Right[]>> = {
  admin: ['leads', 'decide', 'upload', 'claim', 'original', 'cameras'],
  reviewer: ['leads', 'decide', 'upload', 'original'],
  dispatcher: ['leads', 'claim'],
  unit: ['claim'],
  viewer: ['leads'],
};

export function allows(role: Role, right: Right): boolean {
  return RIGHTS[role].includes(right);
}
