// docs/src/pictures/hero-narrow-dark.svg, for README.md on a phone

import { printHero } from './lib/hero.mjs';

printHero('dark', { narrow: true });
