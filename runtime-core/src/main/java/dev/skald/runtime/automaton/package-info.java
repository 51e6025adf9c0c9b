/** Grammars as automata: their parts, and the tokens of a vocabulary that may come next. */
package dev.skald.runtime.automaton;
