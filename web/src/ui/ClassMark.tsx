/** A class's name with its colour beside it, so that colour is never the only sign. */
import { issueClass } from '../classes';
import { useSpeech } from '../i18n';
import classes from './small.module.css';

export function ClassMark({ label }: { label: string }) {
  const { language } = useSpeech();
  const found = issueClass(label);
  return (
    <span className={classes.mark}>
      <span className={classes.swatch} style={{ background: found.colour }} />
      {language === 'zh' ? found.zh : found.en}
    </span>
  );
}
