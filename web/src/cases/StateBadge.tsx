/** The state of a case in words. */
import { useSpeech } from '../i18n';
import classes from './cases.module.css';

export function useStateName(): (state: string) => string {
  const { t } = useSpeech();
  const names: Readonly<Record<string, string>> = t.cases.states;
  return (state) => names[state] ?? state;
}

export function StateBadge({ state }: { state: string }) {
  const name = useStateName();
  return (
    <span className={classes.state} data-state={state}>
      {name(state)}
    </span>
  );
}
