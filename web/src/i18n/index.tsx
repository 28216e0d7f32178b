/** Gives every component the texts and formats of the chosen language. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { en, type Texts } from './en';
import { firstLanguage, keepLanguage, type Language, LOCALES } from './language';
import { zh } from './zh';

export interface Speech {
  language: Language;
  locale: string;
  t: Texts;
  setLanguage: (language: Language) => void;
}

const SpeechContext = createContext<Speech | null>(null);

export function SpeechProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const speech = useMemo<Speech>(
    () => ({
      language,
      locale: LOCALES[language],
      t: language === 'zh' ? zh : en,
      setLanguage: (next) => {
        keepLanguage(next);
        setLanguage(next);
      },
    }),
    [language],
  );
  useEffect(() => {
    document.documentElement.lang = speech.locale;
    document.title = speech.t.product;
  }, [speech]);
  return <SpeechContext.Provider value={speech}>{children}</SpeechContext.Provider>;
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (speech === null) throw new Error('useSpeech needs SpeechProvider above it');
  return speech;
}
