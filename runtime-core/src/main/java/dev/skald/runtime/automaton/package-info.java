/** Grammars as automata: what they are made of, and which tokens of a vocabulary may come next. */
package dev.skald.runtime.automaton;
