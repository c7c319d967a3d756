// docs/src/pictures/hero-dark.svg, for README.md

import { printHero } from './lib/hero.mjs';

printHero('dark');
