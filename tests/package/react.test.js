// The React component, in strict mode throughout.

import { wrapperTests } from './wrapped.js';

wrapperTests('react');
