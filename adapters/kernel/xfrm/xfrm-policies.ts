/** The kernel's SPD over netlink: asked whole each time, for others change it; of ours only what `--policy` gave. */
import type { IpsecPolicy, IpsecProtocol, Protection } from '../../../services/ports/kernel.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { XfrmMessage } from '../../../services/xfrm/message.js';
import type { XfrmPolicy } from '../../../services/xfrm/policy.js';
import { defaultProposals, type Refusal } from '../linux/default-proposals.js';
import { LinuxSpd, policyOfEntry } from '../linux/linux-spd.js';
import { planPolicies } from '../linux/own-policies.js';
import type { SpdEntry } from '../linux/spd-entry.js';
import type { XfrmConversation, XfrmFault } from './conversation.js';
import { ERRNO, faultWords, isRefusal } from './fault-words.js';
import { policyMessage, spdEntry } from './spd-messages.js';

export class XfrmPolicies {
  readonly #conversation: XfrmConversation;
  readonly #note: (note: string) => void;
  /** Of `--policy`, by request id. */
  #own: ReadonlyMap<number, IpsecPolicy> = new Map();
  /** Set when it is known what the kernel can do. */
  refusal: Refusal = () => 'Nothing is known of the kernel yet.';

  constructor(conversation: XfrmConversation, note: (note: string) => void) {
    this.#conversation = conversation;
    this.#note = note;
  }

  /** As it stands now. */
  async spd(): Promise<Result<LinuxSpd, XfrmFault>> {
    const entries = await this.#entries();
    if (!entries.ok) return entries;
    const proposalsFor = this.#proposalsFor;
    return ok(new LinuxSpd({ entries: entries.value, own: this.#own, proposalsFor }));
  }

  /** The policy that an ACQUIRE tells. Undefined for that of a socket, which is its program's business. */
  wanted(policy: XfrmPolicy): Result<IpsecPolicy, string> | undefined {
    const entry = spdEntry(policy);
    return entry && policyOfEntry(entry, this.#own, this.#proposalsFor);
  }

  async replace(policies: readonly IpsecPolicy[]): Promise<Result<undefined, string>> {
    const held = await this.#entries();
    if (!held.ok) return err(faultWords(held.error));
    const plan = planPolicies(held.value, policies, this.refusal);
    if (!plan.ok) return plan;
    for (const note of plan.value.notes) this.#note(note);
    const messages: XfrmMessage[] = [];
    for (const entry of plan.value.put) {
      const policy = policyMessage(entry);
      if (!policy.ok) return policy;
      messages.push({ kind: 'UPDPOLICY', policy: policy.value });
    }
    for (const entry of plan.value.remove) {
      const policy = policyMessage(entry);
      if (!policy.ok) return policy;
      const { selector, direction } = policy.value;
      messages.push({ kind: 'DELPOLICY', selector, index: 0, direction, deleted: undefined });
    }
    this.#own = plan.value.own;
    for (const message of messages) {
      const told = await this.#conversation.tell(message);
      const gone = !told.ok && message.kind === 'DELPOLICY' && isRefusal(told.error, ERRNO.noEntry);
      if (!told.ok && !gone) return err(faultWords(told.error));
    }
    return ok(undefined);
  }

  readonly #proposalsFor = (protocols: readonly IpsecProtocol[]): readonly (readonly Protection[])[] =>
    defaultProposals(protocols, this.refusal);

  #entries(): Promise<Result<readonly SpdEntry[], XfrmFault>> {
    return this.#conversation.ask({ dump: 'GETPOLICY' }, () => {
      const entries: SpdEntry[] = [];
      return {
        take: (answer) => {
          const entry = answer.kind === 'NEWPOLICY' ? spdEntry(answer.policy) : undefined;
          if (entry !== undefined) entries.push(entry);
        },
        value: () => entries,
      };
    });
  }
}
