/** Asks before unsaved changes are left behind, inside the page and at its closing. */
import { Button, Modal } from '@mantine/core';
import { useEffect } from 'react';
import { useBlocker } from 'react-router';
import { useSpeech } from '../i18n';
import { QUIET_MODAL } from '../ui/quiet';
import classes from './rules.module.css';

export function Guard({ dirty }: { dirty: boolean }) {
  const { t } = useSpeech();
  const blocker = useBlocker(dirty);
  useEffect(() => {
    if (!dirty) return undefined;
    const leave = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', leave);
    return () => window.removeEventListener('beforeunload', leave);
  }, [dirty]);
  return (
    <Modal
      opened={blocker.state === 'blocked'}
      onClose={() => blocker.reset?.()}
      title={t.rules.unsaved}
      closeButtonProps={{ 'aria-label': t.common.close }}
      {...QUIET_MODAL}
    >
      <p>{t.rules.leaveText}</p>
      <div className={classes.answers}>
        <Button variant="default" data-autofocus onClick={() => blocker.reset?.()}>
          {t.rules.stay}
        </Button>
        <Button color="red" onClick={() => blocker.proceed?.()}>
          {t.rules.leave}
        </Button>
      </div>
    </Modal>
  );
}
