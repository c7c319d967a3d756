// docs/src/pictures/hero-narrow-light.svg, for README.md on a phone

import { printHero } from './lib/hero.mjs';

printHero('light', { narrow: true });
