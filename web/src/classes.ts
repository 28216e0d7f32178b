/** The five issue classes: the digit that chooses them, their names and their colours. */
import type { Language } from './i18n/language';

export interface IssueClass {
  label: string;
  key: string;
  zh: string;
  en: string;
  colour: string;
  /** The colour of text on `colour`, with a contrast of at least 4.5 to 1. */
  ink: string;
}

export const ISSUE_CLASSES: readonly IssueClass[] = [
  { label: 'spill', key: '1', zh: '道路遗撒', en: 'Spill', colour: '#e8590c', ink: '#160a02' },
  {
    label: 'stacked_goods',
    key: '2',
    zh: '乱堆物料',
    en: 'Stacked goods',
    colour: '#9c36b5',
    ink: '#ffffff',
  },
  { label: 'stall', key: '3', zh: '占道经营', en: 'Stall', colour: '#1971c2', ink: '#ffffff' },
  { label: 'litter', key: '4', zh: '暴露垃圾', en: 'Litter', colour: '#e03131', ink: '#ffffff' },
  {
    label: 'overflowing_bin',
    key: '5',
    zh: '垃圾箱满溢',
    en: 'Overflowing bin',
    colour: '#f08c00',
    ink: '#160a02',
  },
];

/** The class of that label; a label the page does not know keeps its own name, in grey. */
export function issueClass(label: string): IssueClass {
  const known = ISSUE_CLASSES.find((one) => one.label === label);
  return known ?? { label, key: '', zh: label, en: label, colour: '#5f6b78', ink: '#ffffff' };
}

/** The class's name in the language of the page. */
export function className(label: string, language: Language): string {
  const found = issueClass(label);
  return language === 'zh' ? found.zh : found.en;
}

/** Both names, the page's language first. */
export function bothNames(label: string, language: Language): [string, string] {
  const found = issueClass(label);
  return language === 'zh' ? [found.zh, found.en] : [found.en, found.zh];
}
