// ANCHOR: all
import init, { attach, Text } from './pkg/finder.js';

const byId = id => document.getElementById(id);
try {
  await init();
  attach(await Text.load('lines.txt'), byId('word'), byId('lines'));
  byId('word').disabled = false;
} catch (error) {
  byId('status').textContent = error;
}
// ANCHOR_END: all
