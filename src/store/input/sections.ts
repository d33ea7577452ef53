import { isMap } from './raw-plan.ts';

/** Sections that the older layout, and many authors, put below `task`. */
const SECTIONS = ['description', 'dependencies', 'metadata', 'acceptance_criteria'] as const;

/** The document with each section next to `task`; a section in both places becomes one. */
export function inSections(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { task, ...others } = document;
  if (!isMap(task)) return document;
  const sections: Record<string, unknown> = { ...others };
  for (const key of SECTIONS) {
    const [inner, outer] = [task[key], others[key]];
    if (isMap(inner) && isMap(outer)) sections[key] = { ...inner, ...outer };
    else if (outer === undefined && inner !== undefined) sections[key] = inner;
  }
  const isSection = (key: string): boolean => SECTIONS.some((known) => known === key);
  return { ...sections, task: Object.fromEntries(Object.entries(task).filter(([key]) => !isSection(key))) };
}
