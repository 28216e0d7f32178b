/** Someone else saved meanwhile: theirs, mine, or think again. */
import { Button, Modal } from '@mantine/core';
import type { Camera } from '../api/cameras';
import { useSpeech } from '../i18n';
import { useNow } from '../ui/now';
import { QUIET_MODAL } from '../ui/quiet';
import { shortClock } from '../ui/time';
import classes from './rules.module.css';

interface Props {
  /** The camera as the service holds it now; null while there is no conflict. */
  theirs: Camera | null;
  busy: boolean;
  onReload: () => void;
  onOverwrite: () => void;
  onClose: () => void;
}

export function Conflict({ theirs, busy, onReload, onOverwrite, onClose }: Props) {
  const { t } = useSpeech();
  const now = useNow(60_000);
  return (
    <Modal
      opened={theirs !== null}
      onClose={onClose}
      title={t.rules.conflict}
      closeButtonProps={{ 'aria-label': t.common.close }}
      {...QUIET_MODAL}
    >
      {theirs === null ? null : (
        <p className={classes.who}>
          {t.rules.conflictBy(theirs.updated_by, shortClock(theirs.updated_at, now))}
        </p>
      )}
      <p>{t.rules.conflictText}</p>
      <div className={classes.answers}>
        <Button variant="default" disabled={busy} onClick={onClose}>
          {t.common.cancel}
        </Button>
        <Button variant="default" loading={busy} onClick={onOverwrite}>
          {t.rules.keepMine}
        </Button>
        <Button data-autofocus disabled={busy} onClick={onReload}>
          {t.rules.reload}
        </Button>
      </div>
    </Modal>
  );
}
