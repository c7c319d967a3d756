// ANCHOR: all
import init, { Text } from 'finder';

await init();
const [hit] = new Text('Roses are red,\nviolets are blue.').find('blue');
console.log(hit.line);
// ANCHOR_END: all
