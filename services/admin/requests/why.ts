/** Our own WHY: explanations of failures, and of where things stand. */
import { err, ok } from '../../result.js';
import { decodeOwn, encodeOwn } from '../door/own-messages.js';
import { formatWhySubject, readWhyRequest } from '../door/own-explanations.js';
import { OWN_SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { type Handler, refuse } from './answer.js';

/** Ids that are named when another is asked for. */
const MOST_NAMED = 8;

export const WHY_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.WHY,
    {
      needs: PRIVILEGE.base,
      answer(request, admin) {
        const subject = readWhyRequest(decodeOwn(request));
        if (subject === undefined) return refuse('REQ_INVALID');
        const explanations = admin.why(subject);
        if (explanations !== undefined) return ok(encodeOwn(OWN_SERVICE.WHY, { explanations }));
        const known = admin.remembered().slice(-MOST_NAMED);
        const failed =
          known.length === 0
            ? 'Nothing has failed since in.iked started.'
            : `What failed last: ${known.join(', ')}.`;
        const details = [
          `${formatWhySubject(subject)} has not been, or was so long ago that it is forgotten. ${failed}`,
        ];
        return err({ name: 'NO_OBJ', details });
      },
    },
  ],
];
