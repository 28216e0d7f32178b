/** Stands before everything else while the password is the one the service printed. */
import { Button } from '@mantine/core';
import { signOut } from '../api/calls';
import { useSpeech } from '../i18n';
import { Mark } from '../ui/icons';
import { LanguageSwitch } from '../ui/LanguageSwitch';
import classes from './account.module.css';
import { PasswordForm } from './PasswordForm';
import { useSession } from './session';

export function FirstPasswordPage() {
  const { t } = useSpeech();
  const { adopt } = useSession();
  return (
    <main className={classes.page}>
      <div className={classes.corner}>
        <LanguageSwitch />
      </div>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Mark size={34} />
          <div>
            <h1>{t.password.title}</h1>
            <p>{t.password.forced}</p>
          </div>
        </div>
        <PasswordForm onDone={() => undefined} />
        <Button
          variant="subtle"
          color="gray"
          onClick={() => void signOut().finally(() => adopt(null))}
        >
          {t.common.signOut}
        </Button>
      </div>
    </main>
  );
}
