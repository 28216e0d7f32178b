/** Which classes something is for; none chosen means all. */
import { ISSUE_CLASSES } from '../classes';
import { useSpeech } from '../i18n';
import classes from './form.module.css';

interface Props {
  labels: readonly string[];
  onChange: (labels: string[]) => void;
}

export function LabelsField({ labels, onChange }: Props) {
  const { t, language } = useSpeech();
  return (
    <fieldset className={classes.labels}>
      <legend>{t.rules.classes}</legend>
      <button type="button" aria-pressed={labels.length === 0} onClick={() => onChange([])}>
        {t.rules.allClasses}
      </button>
      {ISSUE_CLASSES.map((one) => {
        const on = labels.includes(one.label);
        return (
          <button
            key={one.label}
            type="button"
            aria-pressed={on}
            onClick={() =>
              onChange(
                on
                  ? labels.filter((label) => label !== one.label)
                  : ISSUE_CLASSES.map((each) => each.label).filter(
                      (label) => label === one.label || labels.includes(label),
                    ),
              )
            }
          >
            <i style={{ background: one.colour }} />
            {language === 'zh' ? one.zh : one.en}
          </button>
        );
      })}
    </fieldset>
  );
}
