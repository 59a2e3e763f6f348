/** The grammars are not validated at run time, so they are here. */
import assert from 'node:assert/strict';
import { IkeConfigParser } from '../../../services/config/ike-config-grammar.js';
import { ikeConfigLexer } from '../../../services/config/ike-config-tokens.js';
import { PresharedParser, presharedLexer } from '../../../services/config/ike-preshared-grammar.js';
import { IpsecPolicyParser, ipsecPolicyLexer } from '../../../services/config/ipsec-policy-grammar.js';

const VALIDATED = { skipValidations: false };

describe('grammars of the configuration files', () => {
  it('define their tokens without fault', () => {
    for (const lexer of [ikeConfigLexer(VALIDATED), presharedLexer(VALIDATED), ipsecPolicyLexer(VALIDATED)]) {
      assert.deepEqual(lexer.lexerDefinitionErrors, []);
    }
  });

  it('are unambiguous', () => {
    assert.doesNotThrow(() => new IkeConfigParser(VALIDATED));
    assert.doesNotThrow(() => new PresharedParser(VALIDATED));
    assert.doesNotThrow(() => new IpsecPolicyParser(VALIDATED));
  });

  it('have a token for every character', () => {
    const everything = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join(' ');
    for (const lexer of [ikeConfigLexer(VALIDATED), presharedLexer(VALIDATED), ipsecPolicyLexer(VALIDATED)]) {
      assert.deepEqual(lexer.tokenize(everything).errors, []);
    }
  });
});
