import { render } from 'preact';
import { start } from './live/live.ts';
import { Shell } from './shell/shell.tsx';
import { followLocation } from './state/location.ts';
import { followTheme } from './state/theme.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('the document has no element #app');
followTheme();
followLocation();
start();
render(<Shell />, root);
