/** Choosing a new password: at the first login it cannot be passed by, later it is a choice. */
import { Alert, Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changePassword, readSession } from '../api/calls';
import { useSpeech } from '../i18n';
import type { Texts } from '../i18n/en';
import { explain } from '../ui/words';
import classes from './account.module.css';
import { useSession, useUser } from './session';

export const SHORTEST = 10;

/** What is wrong with the new password, or null. */
function fault(current: string, next: string, again: string, t: Texts): string | null {
  if (next.length < SHORTEST) return t.password.short;
  if (next === current) return t.password.same;
  if (next !== again) return t.password.differ;
  return null;
}

export function PasswordForm({ onDone }: { onDone: () => void }) {
  const { t } = useSpeech();
  const { adopt } = useSession();
  const user = useUser();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [shown, setShown] = useState<string | null>(null);
  const change = useMutation({
    mutationFn: async () => {
      await changePassword(current, next);
      return await readSession();
    },
    onSuccess: (session) => {
      adopt(session);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = fault(current, next, again, t);
    setShown(wrong);
    if (wrong === null) change.mutate();
  };
  const toggle = { visibilityToggleButtonProps: { 'aria-label': t.login.show } };
  const problem = shown ?? (change.error === null ? null : explain(change.error, t));
  return (
    <form className={classes.fields} onSubmit={submit}>
      <input
        type="text"
        name="username"
        autoComplete="username"
        value={user.name}
        readOnly
        hidden
      />
      <PasswordInput
        label={t.password.current}
        name="current"
        autoComplete="current-password"
        required
        withAsterisk={false}
        data-autofocus
        autoFocus
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
        {...toggle}
      />
      <PasswordInput
        label={t.password.next}
        description={t.password.rule}
        name="next"
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={next}
        onChange={(event) => setNext(event.currentTarget.value)}
        {...toggle}
      />
      <PasswordInput
        label={t.password.again}
        name="again"
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
        {...toggle}
      />
      {problem === null ? null : (
        <Alert color="red" variant="light" role="alert">
          {problem}
        </Alert>
      )}
      <Button type="submit" loading={change.isPending} fullWidth>
        {t.password.submit}
      </Button>
    </form>
  );
}
