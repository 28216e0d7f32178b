/** Switches between the two languages; each is named in itself. */
import { useSpeech } from '../i18n';
import type { Language } from '../i18n/language';
import classes from './shell.module.css';

const NAMES: readonly [Language, string, string][] = [
  ['zh', '中文', 'zh-CN'],
  ['en', 'EN', 'en'],
];

export function LanguageSwitch() {
  const { language, setLanguage, t } = useSpeech();
  return (
    <div className={classes.languages} role="group" aria-label={t.common.language}>
      {NAMES.map(([code, name, tag]) => (
        <button
          key={code}
          type="button"
          lang={tag}
          aria-pressed={language === code}
          onClick={() => setLanguage(code)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
