/** Says how polygons are drawn and changed, with and without a mouse. */
import { Modal } from '@mantine/core';
import { useSpeech } from '../i18n';
import { QUIET_MODAL } from '../ui/quiet';
import classes from './rules.module.css';

export function RulesHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t.rules.help}
      closeButtonProps={{ 'aria-label': t.common.close }}
      {...QUIET_MODAL}
    >
      <dl className={classes.help}>
        {t.rules.helpLines.map(([keys, text]) => (
          <div key={text}>
            <dt>{keys}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
