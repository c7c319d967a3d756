// The rules of the browser host. Its last entry has the globals of browsers and of Node.

import rules from '../../hosts/browser/eslint.config.mjs';

export default [...rules, { languageOptions: rules.at(-1)?.languageOptions ?? {} }];
