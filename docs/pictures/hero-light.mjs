// docs/src/pictures/hero-light.svg, for README.md

import { printHero } from './lib/hero.mjs';

printHero('light');
