import { effect, signal } from '@preact/signals';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'agentq-theme';

/** What the reader chose. */
export const theme = signal<Theme>('auto');

/** Whether dark colours are shown: charts that draw by themselves read their colours again when it changes. */
export const isDark = signal(false);

/** Keeps the colours of the document as the reader chose them, or as the system has them. */
export function followTheme(): void {
  theme.value = stored();
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    isDark.value = theme.value === 'dark' || (theme.value === 'auto' && system.matches);
    document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light';
  };
  system.addEventListener('change', apply);
  effect(apply);
}

/** Goes on to the next of {@link THEMES}, and remembers it where the browser allows that. */
export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'auto';
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // A file, or a browser that keeps nothing: the choice lasts as long as the page.
  }
}

function stored(): Theme {
  try {
    return THEMES.find((one) => one === localStorage.getItem(KEY)) ?? 'auto';
  } catch {
    return 'auto';
  }
}
