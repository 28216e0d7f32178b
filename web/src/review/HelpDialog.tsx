/** Says what the keys do. */
import { Modal } from '@mantine/core';
import { useSpeech } from '../i18n';
import { QUIET_MODAL } from '../ui/quiet';
import classes from './review.module.css';

export function HelpDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  const lines: readonly [string[], string][] = [
    [['A'], t.keys.confirm],
    [['X'], t.keys.reject],
    [['1', '5'], t.keys.classes],
    [[t.keys.space], t.keys.skip],
    [['⌫'], t.keys.undo],
    [['F', 'O'], t.keys.original],
    [['B'], t.keys.boxes],
    [['Z'], t.keys.zoom],
    [['P'], t.keys.before],
    [['T'], t.keys.strip],
    [['S'], t.keys.mute],
    [['?'], t.keys.help],
  ];
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t.keys.title}
      closeButtonProps={{ 'aria-label': t.common.close }}
      {...QUIET_MODAL}
    >
      <dl className={classes.help}>
        {lines.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key, index) => (
                <span key={key}>
                  {index === 0 ? '' : keys[0] === '1' ? ' – ' : ' / '}
                  <kbd className="key">{key}</kbd>
                </span>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
