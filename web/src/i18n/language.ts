/** The two languages of the page and which one a visitor meets first. */

export type Language = 'zh' | 'en';

export const LOCALES: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en-GB' };

const STORED = 'patrol.language';

/** Chinese when the browser asks for it first, else English. */
export function preferred(languages: readonly string[]): Language {
  return languages[0]?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en';
}

export function firstLanguage(): Language {
  const stored = window.localStorage.getItem(STORED);
  if (stored === 'zh' || stored === 'en') return stored;
  return preferred(navigator.languages);
}

export function keepLanguage(language: Language): void {
  window.localStorage.setItem(STORED, language);
}
