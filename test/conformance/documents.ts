/** The RFCs of docs/conformance.md, in its order. */
import { RFC_2407 } from './requirements-2407.js';
import { EXCHANGE_KEYWORDS, EXCHANGES } from './requirements-2408-exchanges.js';
import { FORMAT_KEYWORDS, FORMATS } from './requirements-2408-formats.js';
import { NOTICE_KEYWORDS, NOTICES } from './requirements-2408-notices.js';
import { PROCESSING, PROCESSING_KEYWORDS } from './requirements-2408-processing.js';
import { RFC_2409 } from './requirements-2409.js';
import { RFC_3706 } from './requirements-3706.js';
import { RFC_3947 } from './requirements-3947.js';
import { RFC_3948 } from './requirements-3948.js';
import type { RequirementDocument } from './requirement.js';

const RFC_2408: RequirementDocument = {
  rfc: 2408,
  title: 'Internet Security Association and Key Management Protocol (ISAKMP)',
  notCounted:
    'Not counted: the list of key words in section 1.1, and two things that section 3.16 says are not required. The lists of steps in section 5 have more rows than key words.',
  keywords: { ...FORMAT_KEYWORDS, ...EXCHANGE_KEYWORDS, ...PROCESSING_KEYWORDS, ...NOTICE_KEYWORDS },
  requirements: [...FORMATS, ...EXCHANGES, ...PROCESSING, ...NOTICES],
};

export const DOCUMENTS: readonly RequirementDocument[] = [
  RFC_2407,
  RFC_2408,
  RFC_2409,
  RFC_3706,
  RFC_3947,
  RFC_3948,
];
