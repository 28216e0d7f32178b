/** The way in: name and password, in either language. */
import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { signIn } from '../api/calls';
import { Problem } from '../api/http';
import { useSpeech } from '../i18n';
import type { Texts } from '../i18n/en';
import { Mark } from '../ui/icons';
import { LanguageSwitch } from '../ui/LanguageSwitch';
import { explain } from '../ui/words';
import classes from './account.module.css';
import { useSession } from './session';

function reason(error: unknown, t: Texts): string {
  if (error instanceof Problem && error.status === 401) return t.login.wrong;
  if (error instanceof Problem && error.status === 429) return t.login.tooMany;
  return explain(error, t);
}

export function LoginPage() {
  const { t } = useSpeech();
  const { adopt } = useSession();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const entry = useMutation({ mutationFn: () => signIn(name.trim(), password), onSuccess: adopt });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    entry.mutate();
  };
  return (
    <main className={classes.page}>
      <div className={classes.corner}>
        <LanguageSwitch />
      </div>
      <form className={classes.card} onSubmit={submit}>
        <div className={classes.brand}>
          <Mark size={34} />
          <div>
            <h1>{t.product}</h1>
            <p>{t.login.intro}</p>
          </div>
        </div>
        <TextInput
          label={t.login.name}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label={t.login.password}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ 'aria-label': t.login.show }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {entry.error === null ? null : (
          <Alert color="red" variant="light" role="alert">
            {reason(entry.error, t)}
          </Alert>
        )}
        <Button type="submit" loading={entry.isPending} fullWidth>
          {t.login.submit}
        </Button>
      </form>
    </main>
  );
}
