import type { LayoutName, Location } from './snapshot.ts';

/** The location that a project of the layout has, also where none of its folders exists yet. */
export function locationOf(layout: LayoutName, project: string): Location {
  switch (layout) {
    case 'core':
      return standard(layout, '.agents-core/state', project);
    case 'agents':
      return standard(layout, '.agents', project);
    case 'projects':
      return standard(layout, '.agents/projects', project);
    case 'bare':
      return standard(layout, 'state', project);
    case 'split':
      return {
        project,
        layout,
        folders: {
          ready: `.agents/projects/${project}/tasks/`,
          claimed: `.agents/claimed/${project}/`,
          completed: `.agents/completed/${project}/`,
        },
      };
    case 'flat':
      return {
        project: 'default',
        layout,
        folders: { ready: '.agents/tasks/', claimed: '.agents/claimed/', completed: '.agents/completed/' },
      };
  }
}

function standard(layout: LayoutName, base: string, project: string): Location {
  const home = `${base}/${project}`;
  return {
    project,
    layout,
    folders: { ready: `${home}/tasks/`, claimed: `${home}/claimed/`, completed: `${home}/completed/` },
  };
}
