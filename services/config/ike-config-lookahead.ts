/** Which production of `ike.config` comes next, and with braces missing or too many, which one was most probably meant. */
import { EmbeddedActionsParser, EOF } from 'chevrotain';
import { IKE_CONFIG, type Level, standsAt, standsOnlyAt } from './ike-config-keywords.js';
import { Keyword, TransformKeyword } from './ike-config-tokens.js';
import type { Setting } from './setting.js';
import type { TransformBlock } from './ike-config-tree.js';
import { LeftBrace, RightBrace, Word } from './lexicon.js';

/** How many tokens to look ahead for a brace when deciding which one is missing. */
const FARTHEST = 1000;

export type Body = (Setting | TransformBlock)[];

export abstract class IkeConfigLookahead extends EmbeddedActionsParser {
  protected keywordAt(distance: number): string | undefined {
    const token = this.LA(distance);
    return token.tokenType === Keyword ? token.image : undefined;
  }

  protected transformKeywordAt(distance: number): boolean {
    const keyword = this.keywordAt(distance);
    return keyword !== undefined && standsOnlyAt(keyword, 'transform');
  }

  protected transformStartsAt(distance: number): boolean {
    return this.LA(distance).tokenType === LeftBrace && this.transformKeywordAt(distance + 1);
  }

  protected misspeltTransformNext(): boolean {
    return (
      this.LA(1).tokenType === Word &&
      this.LA(2).tokenType === LeftBrace &&
      (this.transformStartsAt(2) || IKE_CONFIG.meant(this.LA(1).image) === 'p1_xform')
    );
  }

  protected ruleLacksBrace(): boolean {
    const keyword = this.keywordAt(1);
    return keyword !== undefined && standsOnlyAt(keyword, 'rule') && this.nextBrace(1).brace === 'close';
  }

  protected ruleEnds(items: Body): boolean {
    switch (this.LA(1).tokenType) {
      case RightBrace:
        return !this.ruleGoesOn(items);
      case LeftBrace:
        return !this.transformStartsAt(1) && !this.belongsTo(items, 2);
      case Keyword: {
        const keyword = this.LA(1).image;
        if (standsAt(keyword, 'rule') || standsOnlyAt(keyword, 'transform')) return false;
        // A keyword of the file: misplaced when the rule's brace is still to come, else that brace is missing.
        return this.nextBrace(1).brace !== 'close';
      }
      default:
        return false;
    }
  }

  /** Whether the `}` that comes next is one too many: behind it stands more of the same rule, and its end. */
  protected ruleGoesOn(items: Body): boolean {
    const keyword = this.keywordAt(2);
    const ofRule =
      keyword === undefined ? this.LA(2).tokenType === TransformKeyword : standsAt(keyword, 'rule');
    return ofRule && this.belongsTo(items, 2);
  }

  /** Whether what follows, up to the next closing brace, is of this rule: another label would begin another one. */
  protected belongsTo(items: Body, from: number): boolean {
    const next = this.nextBrace(from);
    if (next.brace !== 'close') return false;
    if (!items.some((item) => item.kind === 'setting' && item.name === 'label')) return true;
    for (let at = from; at < next.at; at++) if (this.keywordAt(at) === 'label') return false;
    return true;
  }

  protected transformEnds(level: Level): boolean {
    switch (this.LA(1).tokenType) {
      case RightBrace:
        return !this.transformKeywordAt(2);
      case LeftBrace:
        return !this.transformKeywordAt(2) && this.LA(2).tokenType !== RightBrace;
      case TransformKeyword:
        return true;
      case Keyword: {
        if (standsAt(this.LA(1).image, 'transform')) return false;
        // Misplaced when enough closing braces are still to come, else the transform's own is missing.
        const first = this.nextBrace(1);
        if (first.brace !== 'close') return true;
        return level === 'rule' && this.nextBrace(first.at + 1).brace !== 'close';
      }
      default:
        return false;
    }
  }

  /** The next brace from a distance on that is not part of a transform's block. */
  protected nextBrace(from: number): { readonly brace: 'open' | 'close' | 'none'; readonly at: number } {
    let inTransform = false;
    for (let at = from; at < from + FARTHEST; at++) {
      const type = this.LA(at).tokenType;
      if (type === EOF) break;
      if (type === LeftBrace) {
        if (inTransform) return { brace: 'open', at };
        if (this.LA(at - 1).tokenType !== TransformKeyword && !this.transformKeywordAt(at + 1)) {
          return { brace: 'open', at };
        }
        inTransform = true;
      } else if (type === RightBrace) {
        if (!inTransform) return { brace: 'close', at };
        inTransform = false;
      }
    }
    return { brace: 'none', at: from };
  }
}
