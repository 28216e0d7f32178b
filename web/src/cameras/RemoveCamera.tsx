/** Takes a camera away, after saying what stays and what ends. */
import { Button, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { removeCamera } from '../api/cameraCalls';
import type { Camera } from '../api/cameras';
import { useSpeech } from '../i18n';
import { TrashIcon } from '../ui/icons';
import { useTell } from '../ui/notices';
import { QUIET_MODAL } from '../ui/quiet';
import { explain } from '../ui/words';
import classes from './camera.module.css';

export function RemoveCamera({ camera }: { camera: Camera }) {
  const { t } = useSpeech();
  const tell = useTell();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => removeCamera(camera.id),
    onSuccess: () => {
      tell('good', t.camera.removed(camera.name));
      void client.invalidateQueries({ queryKey: ['cameras'] });
      void navigate('/cameras');
    },
    onError: (error) => tell('bad', explain(error, t)),
  });
  return (
    <>
      <Button
        variant="default"
        aria-label={t.camera.remove}
        title={t.camera.remove}
        className={classes.icon ?? ''}
        onClick={() => setAsking(true)}
      >
        <TrashIcon />
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t.camera.removeTitle(camera.name)}
        closeButtonProps={{ 'aria-label': t.common.close }}
        {...QUIET_MODAL}
      >
        <p>{t.camera.removeText}</p>
        <div className={classes.answers}>
          <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
            {t.common.cancel}
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t.camera.remove}
          </Button>
        </div>
      </Modal>
    </>
  );
}
