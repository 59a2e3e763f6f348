/** What the administrator may ask about rules of a running daemon. */
import type { GlobalParameters, Rule } from '../policy/rule.js';
import type { Result } from '../result.js';
import type { Listed } from './listing.js';
import type { DoorError } from './door/door-error.js';

/** A rule, with what the door shows beside it. */
export interface RuleView {
  readonly rule: Rule;
  /** The number by which the kernel names the rule; `var/run/ipsec_kmc_map` maps it to the label. */
  readonly cookie: number;
  /** Values of the file in which the rule stands: nonce lengths. */
  readonly globals: GlobalParameters;
}

/**
 * Every change is of the whole set or none. A refusal carries in `details` what is wrong, with file and line, and leaves
 * everything as it was. Live SAs of a rule that goes stay until they end; nothing new is negotiated under it.
 */
export interface RuleAdministration {
  /** In the order of the rules; numbers grow along it and are good for this set of rules only. */
  readonly rulesFrom: (from: number) => Listed<RuleView> | undefined;
  readonly findRule: (label: string) => RuleView | undefined;
  /**
   * One rule in the syntax of ike.config(5), added after the others. `DATA_INVALID` when it does not parse or is not
   * exactly one; SYS_ERR with EEXIST for a label that is there already. `source` names it in messages.
   */
  readonly addRule: (text: string, source: string) => Result<void, DoorError>;
  /** False when there is no such rule. */
  readonly deleteRule: (label: string) => boolean;
  /**
   * Replaces all rules and file-level values, like SIGHUP does. With `undefined` from the default place, else from
   * `text`. Certificates and pre-shared keys are read again only by the default place, as SIGHUP does.
   */
  readonly readRules: (
    from: { readonly text: string; readonly source: string } | undefined,
  ) => Promise<Result<void, DoorError>>;
  /** The whole configuration in use as the text of an ike.config that reads back to the same; undefined without rules. */
  readonly writeRules: () => string | undefined;
  /** Text of `var/run/ipsec_kmc_map`. */
  readonly labelCookies: () => string;
  /** Says the rules in use on the event stream: what `dbg rbdump` asks for. */
  readonly dumpRuleBase: () => void;
}
