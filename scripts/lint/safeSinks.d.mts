import type { Rule } from 'eslint';

export declare const safeSinks: Rule.RuleModule;
