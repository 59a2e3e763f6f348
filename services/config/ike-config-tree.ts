/** What the grammar makes of a text: settings, and the blocks they stand in. */
import type { IToken } from 'chevrotain';
import type { Setting } from './setting.js';

export interface TransformBlock {
  readonly kind: 'transform';
  /** `p1_xform`, or what stands where it should. */
  readonly start: IToken;
  readonly items: readonly Setting[];
  /** Parameters without a block of their own; that they are incomplete is no further mistake. */
  readonly loose: boolean;
}

export interface RuleBlock {
  readonly kind: 'rule';
  /** Its brace, or the keyword that had to have one before it. */
  readonly start: IToken;
  readonly items: readonly (Setting | TransformBlock)[];
}

export type FileItem = Setting | TransformBlock | RuleBlock;
